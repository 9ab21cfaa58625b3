#!/usr/bin/env python3
"""Derive facts/map/provinces.json from the npm package @svg-maps/vietnam 2.0.0 (CC BY 4.0) and facts/units.

Usage: scripts/derive_map.py FOLDER [--facts facts]

FOLDER holds the unpacked npm package (vietnam.svg); when it does not, it is fetched there with `npm pack`.
Needs the Python package shapely 2.2.0 (`pip install shapely==2.2.0`). The same inputs give the same bytes.
"""

import argparse
import csv
import hashlib
import itertools
import json
import math
import pathlib
import re
import subprocess
import tarfile
import unicodedata

import shapely
from shapely.geometry import LineString, MultiPolygon, Polygon, box
from shapely.ops import polygonize, unary_union

PACKAGE, VERSION = "@svg-maps/vietnam", "2.0.0"
SHA256 = "b01c55ec16e95069e74dd565b47ec2ebe70bb153fe61c2b8fc9c189c80eef5ff"
VIEW_BOX = [0, 0, 812, 873]
# Ids of the drawing that are not the toneless name of the province.
IDS = {"baria": "bariavungtau", "hcm": "hochiminh", "tthue": "hue"}
# The two archipelagos, drawn far off the coast: id -> name, English name, province of each era.
ISLANDS = {
    "hoangsa": ("Quần đảo Hoàng Sa", "Hoàng Sa archipelago", "p:old:48", "p:new:48"),
    "truongsa": ("Quần đảo Trường Sa", "Trường Sa archipelago", "p:old:56", "p:new:56"),
}
# Simplification tolerance, smallest kept ring (square units), steps per unit, smallest drawn island (width).
DETAIL = {"full": (0.9, 0.8, 10, 0.8), "tiny": (2.4, 9.0, 1, 3.0)}


def locate(folder: pathlib.Path) -> str:
    """Text of vietnam.svg; fetches the package into `folder` when it is not there."""
    paths = [folder / "vietnam.svg", folder / "package" / "vietnam.svg"]
    if not any(path.exists() for path in paths):
        folder.mkdir(parents=True, exist_ok=True)
        subprocess.run(["npm", "pack", "--silent", f"{PACKAGE}@{VERSION}"], cwd=folder, check=True)
        (archive,) = folder.glob("svg-maps-vietnam-*.tgz")
        with tarfile.open(archive) as tar:
            tar.extractall(folder, filter="data")
    data = next(path for path in paths if path.exists()).read_bytes()
    found = hashlib.sha256(data).hexdigest()
    assert found == SHA256, f"vietnam.svg: not the file of {PACKAGE} {VERSION}: {found}"
    return data.decode("utf-8")


def rings(path: str) -> list[list[tuple[float, float]]]:
    """Closed rings of SVG path data made of M, L, C and Z (curves: their end points, they are tiny islands)."""
    out, ring, at, start = [], [], (0.0, 0.0), (0.0, 0.0)
    tokens = re.findall(r"[A-Za-z](?![\d.])|[A-DF-Za-df-z]|-?\d*\.?\d+(?:e-?\d+)?", path)
    command, position = "", 0
    while position < len(tokens):
        if tokens[position].isalpha():
            command, position = tokens[position], position + 1
            if command in "zZ":
                out.append(ring)
                ring, at = [], start
                continue
        size = {"m": 2, "l": 2, "c": 6}[command.lower()]
        x, y = map(float, tokens[position + size - 2 : position + size])
        position += size
        at = (at[0] + x, at[1] + y) if command.islower() else (x, y)
        if command in "mM":
            start, command = at, "l" if command == "m" else "L"
        ring.append(at)
    return [ring for ring in out if len(ring) > 2]


def toneless(name: str) -> str:
    plain = unicodedata.normalize("NFD", name.casefold().replace("đ", "d"))
    return "".join(c for c in plain if c.isascii() and c.isalnum())


def read_units(facts: pathlib.Path):
    """Provinces of both eras, the union that makes each new one, and all units of today."""
    with (facts / "units/units.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    provinces = [row for row in rows if row["level"] == "province"]
    old = {row["key"]: row["name"] for row in provinces if row["valid_to"] == "2025-07-01"}
    new = {row["key"]: row["name"] for row in provinces if row["valid_from"] == "2025-07-01"}
    parts = {key: [key] if key in old else [] for key in new}
    with (facts / "units/changes.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["kind"] == "merge" and row["from"].startswith("p:"):
                parts[row["to"]].append(row["from"])
    assert len(old) == 63 and len(new) == 34 and sorted(sum(parts.values(), [])) == sorted(old)
    today = [row for row in rows if row["level"] == "commune" and row["valid_from"] == "2025-07-01"]
    return old, new, parts, today


def clean(shapes: dict[str, Polygon]) -> dict[str, Polygon]:
    """The same shapes as a coverage: borders shared to the last point, no gaps, no overlaps."""
    keys = sorted(shapes)
    lines = [shapely.set_precision(shapes[key].boundary, 0.05) for key in keys]
    faces = list(polygonize(shapely.node(shapely.GeometryCollection([unary_union(lines)]))))
    owner: dict[str, list] = {key: [] for key in keys}
    gaps = []
    for face in faces:
        inside = face.representative_point()
        holders = [key for key in keys if shapes[key].contains(inside)]
        if holders:
            # Overlaps are slivers: the first by key takes them.
            owner[holders[0]].append(face)
        else:
            gaps.append(face)
    solid = {key: unary_union(owner[key]) for key in keys}
    for gap in gaps:
        touching = [(gap.boundary.intersection(solid[key].boundary).length, key) for key in keys if gap.touches(solid[key])]
        # A gap between provinces is a sliver of the drawing; one beside a single province is its lagoon.
        if len(touching) > 1 and gap.area / gap.length < 0.6:
            solid[max(touching)[1]] = unary_union([solid[max(touching)[1]], gap])
    return solid


def polygons(shape) -> list[Polygon]:
    return [part for part in getattr(shape, "geoms", [shape]) if isinstance(part, Polygon) and not part.is_empty]


def data(shape, smallest: float, steps: int) -> str:
    """Relative path data in units of 1/steps; rings smaller than `smallest` are left out, never the largest."""
    out = []
    parts = sorted(polygons(shape), key=lambda part: -part.area)
    for index, part in enumerate(parts):
        if index and part.area < smallest:
            continue
        for ring in [part.exterior, *(hole for hole in part.interiors if Polygon(hole).area >= smallest)]:
            points = [(round(x * steps), round(y * steps)) for x, y in ring.coords]
            points = [point for point, _ in itertools.groupby(points)][:-1]
            if len(points) < 3:
                continue
            text, last = "", None
            for x, y in points:
                numbers = (x, y) if last is None else (x - last[0], y - last[1])
                for value in numbers:
                    plain = f"{value / steps:g}".replace("0.", ".", 1) if abs(value) < steps else f"{value / steps:g}"
                    text += plain if plain.startswith("-") or text == "" else f" {plain}"
                last = (x, y)
                text = text if text.startswith("M") else "M" + text + "l"
            out.append(text + "z")
    return "".join(out)


def fit(shapes: dict, today: list[dict]) -> dict:
    """Affine map from lon and the Mercator ordinate of lat to the drawing, by least squares.

    Pairs: centroid of each drawn province of today, and the mean of its communes' points weighted by area.
    """
    pairs = []
    for key, shape in sorted(shapes.items()):
        rows = [r for r in today if r["parent"] == key and r["area_km2"] and r["kind"] != "đặc khu"]
        total = sum(float(r["area_km2"]) for r in rows)
        lon, lat = (sum(float(r[f]) * float(r["area_km2"]) for r in rows) / total for f in ("lon", "lat"))
        pairs.append((lon, mercator(lat), shape.centroid.x, shape.centroid.y, key))

    def line(points: list[tuple[float, float]]) -> tuple[float, float]:
        n = len(points)
        mx, my = sum(x for x, _ in points) / n, sum(y for _, y in points) / n
        slope = sum((x - mx) * (y - my) for x, y in points) / sum((x - mx) ** 2 for x, _ in points)
        return slope, my - slope * mx

    keep = pairs
    for _ in range(2):
        ax, bx = line([(lon, x) for lon, _, x, _, _ in keep])
        ay, by = line([(m, y) for _, m, _, y, _ in keep])
        misses = {key: math.hypot(ax * lon + bx - x, ay * m + by - y) for lon, m, x, y, key in pairs}
        # A second pass without the provinces whose communes are too unevenly spread.
        keep = [pair for pair in pairs if misses[pair[4]] <= 3 * (sum(misses.values()) / len(misses))]
    ranked = sorted(misses.values())
    return {
        "formula": "x = ax*lon + bx; y = ay*m + by; m = ln(tan(pi/4 + lat*pi/360)); degrees, WGS 84",
        "ax": round(ax, 4), "bx": round(bx, 3), "ay": round(ay, 4), "by": round(by, 3),
        "pairs": len(pairs), "mean_miss": round(sum(ranked) / len(ranked), 2), "worst_miss": round(ranked[-1], 2),
    }


def mercator(lat: float) -> float:
    return math.log(math.tan(math.pi / 4 + math.radians(lat) / 2))


def island(shapes: list[Polygon], smallest: float, width: float, steps: int, tiny: bool):
    """Archipelago as drawn; islets too small to see grow to `width`; the tiny map keeps one of those close together."""
    kept = []
    for part in sorted(shapes, key=lambda part: -part.area):
        if tiny and any(part.distance(other) < 22 for other in kept):
            continue
        x0, y0, x1, y1 = part.bounds
        c = part.centroid
        h = width / 2
        dot = Polygon([(c.x, c.y - h), (c.x + h, c.y), (c.x, c.y + h), (c.x - h, c.y)])
        kept.append(dot if tiny or max(x1 - x0, y1 - y0) < width else part.simplify(0.15))
    return data(MultiPolygon(kept), 0.0, steps)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=pathlib.Path, help="unpacked package, or where to fetch it")
    parser.add_argument("--facts", type=pathlib.Path, default=pathlib.Path("facts"))
    options = parser.parse_args()
    svg = locate(options.folder)
    old, new, parts, today = read_units(options.facts)
    by_name = {toneless(name): key for key, name in old.items()}
    drawn = {}
    archipelagos = {}
    for name, path in re.findall(r'<path\s+id="(\w+)"[^>]*?\sd="([^"]*)"', svg):
        pieces = [piece for ring in rings(path) for piece in polygons(shapely.make_valid(Polygon(ring)))]
        if name in ISLANDS:
            archipelagos[name] = pieces
        else:
            drawn[by_name.pop(IDS.get(name, name))] = unary_union(pieces)
    assert not by_name and len(drawn) == 63 and len(archipelagos) == 2, by_name

    coverage = clean(drawn)
    lost = sum(drawn[key].symmetric_difference(coverage[key]).area for key in drawn) / sum(s.area for s in drawn.values())
    keys = sorted(coverage)
    result = {
        "note": "Derived by scripts/derive_map.py: do not edit. CC BY 4.0, see facts/README.md.",
        "viewBox": VIEW_BOX,
        "projection": fit({key: unary_union([coverage[p] for p in parts[key]]) for key in new}, today),
    }
    for name, era, detail in (("old", old, "full"), ("new", new, "full"), ("tiny", new, "tiny"), ("tiny_old", old, "tiny")):
        tolerance, smallest, steps, width = DETAIL[detail]
        simple = dict(zip(keys, shapely.coverage_simplify([coverage[key] for key in keys], tolerance)))
        shapes = {}
        for key in sorted(era):
            shape = unary_union([simple[p] for p in (parts[key] if era is new else [key])])
            largest = max(polygons(shape), key=lambda part: part.area)
            label = shapely.maximum_inscribed_circle(largest, tolerance=1).coords[0]
            shapes[key] = {"d": data(shape, smallest, steps), "x": round(label[0]), "y": round(label[1])}
        islands = []
        for key, (vi, en, before, after) in sorted(ISLANDS.items()):
            pieces = archipelagos[key]
            x0, y0, x1, y1 = MultiPolygon(pieces).bounds
            islands.append({
                "province": after if era is new else before, "name_vi": vi, "name_en": en,
                "d": island(pieces, smallest, width, steps, detail == "tiny"),
                "x": round((x0 + x1) / 2), "y": round(y0) - 8,
            })
        result[name] = {"shapes": shapes, "islands": islands}
    text = json.dumps(result, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    text = text.replace('},"p:', '},\n"p:').replace('"shapes":{', '"shapes":{\n') + "\n"
    (options.facts / "map/provinces.json").write_text(text, encoding="utf-8", newline="\n")
    print("projection:", result["projection"], f"redrawn: {lost:.4%}")
    for name in ("old", "new", "tiny", "tiny_old"):
        print(name, len(json.dumps(result[name], ensure_ascii=False, separators=(",", ":")).encode()), "bytes")


if __name__ == "__main__":
    main()
