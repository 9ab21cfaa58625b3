#!/usr/bin/env python3
"""Derive facts/units/units.csv and changes.csv from the package vietnamadminunits 1.0.4 (MIT).

Usage: scripts/derive_units.py FOLDER [--out facts/units]

FOLDER holds the unpacked package (or a folder with `vietnamadminunits/` in it); when it does not,
the wheel is fetched there with `pip download`. Inputs kept by hand beside the output:
overrides.csv (corrections with their reason), decrees.csv (which decree arranged which province), parts.csv
(divided units whose people all went to one part) and later.csv (changes after 1 July 2025).
Needs nothing but Python. The same inputs give the same bytes.
"""

import argparse
import collections
import csv
import hashlib
import json
import pathlib
import sqlite3
import subprocess
import sys
import unicodedata
import zipfile

PACKAGE, VERSION = "vietnamadminunits", "1.0.4"
SHA256 = {
    "dataset.db": "147cbbf81c8964bb594e1dda7ebab5649bce21efbfd6cb508cab7fefca62257d",
    "converter_2025.json": "84f0848bf401b047775cbb49768c181a9271f77e4a4ec706d293b09bcb4faddd",
}
# The package gives no start date for the older era: a convention, see facts/README.md.
KNOWN_SINCE = "2020-01-01"
REFORM = "2025-07-01"
OLD_SOURCE, OLD_DATE = "vietnamadminunits 1.0.4 admin_units_legacy", "2025-01-01"
NEW_SOURCE, NEW_DATE = "vietnamadminunits 1.0.4 admin_units; QĐ 19/2025/QĐ-TTg", "2025-10-08"
MAPPING = "vietnamadminunits 1.0.4 converter_2025"

UNIT_COLUMNS = (
    "key,tenant,level,kind,name,full_name,code,parent,valid_from,valid_to,"
    "lat,lon,area_km2,source,source_date"
).split(",")
CHANGE_COLUMNS = (
    "change,kind,effective,decree,decree_date,from,to,share,basis,is_default,source,note"
).split(",")
COMMUNE_KINDS = ("xã", "phường", "thị trấn", "đặc khu")
DISTRICT_KINDS = ("huyện", "quận", "thị xã", "thành phố")
TONES = "\u0300\u0301\u0303\u0309\u0323"


def locate(folder: pathlib.Path) -> pathlib.Path:
    """The package's data folder; fetches the wheel into `folder` when it is not there."""
    if not (folder / PACKAGE).is_dir():
        folder.mkdir(parents=True, exist_ok=True)
        pip = [sys.executable, "-m", "pip", "download", "--no-deps", "-q", "-d", str(folder)]
        subprocess.run([*pip, f"{PACKAGE}=={VERSION}"], check=True)
        (wheel,) = folder.glob(f"{PACKAGE}-{VERSION}-*.whl")
        zipfile.ZipFile(wheel).extractall(folder)
    data = folder / PACKAGE / "data"
    for name, expected in SHA256.items():
        found = hashlib.sha256((data / name).read_bytes()).hexdigest()
        assert found == expected, f"{name}: not the file of {PACKAGE} {VERSION}: {found}"
    return data


def rows_of(path: pathlib.Path) -> list[dict]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def write(path: pathlib.Path, columns: list[str], rows: list[dict]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.DictWriter(file, columns, lineterminator="\n")
        out.writeheader()
        out.writerows(rows)


def clean(text: str) -> str:
    """NFC, single spaces, one apostrophe and one dash."""
    text = unicodedata.normalize("NFC", text)
    for odd, plain in (("’", "'"), ("–", "-"), ("\u00a0", " "), ("\u200b", "")):
        text = text.replace(odd, plain)
    return " ".join(text.split())


def spelling(text: str) -> str:
    """Equal for two spellings of one name: case and the place of the tone mark do not count."""
    words = []
    for word in text.casefold().split():
        parts = unicodedata.normalize("NFD", word)
        words.append("".join(c for c in parts if c not in TONES) + "".join(c for c in parts if c in TONES))
    return " ".join(words)


def split_name(full: str, kinds: tuple) -> tuple[str, str]:
    for kind in sorted(kinds, key=len, reverse=True):
        if full.lower().startswith(kind + " "):
            return kind, full[len(kind) + 1 :]
    raise AssertionError(f"no kind in {full!r}")


def number(value) -> str:
    return "" if value is None else repr(round(float(value), 6)).removesuffix(".0")


class Units:
    """Versions of units by key, in the order they came."""

    def __init__(self):
        self.versions: dict[str, list[dict]] = collections.defaultdict(list)

    def add(self, **fields) -> dict:
        row = dict.fromkeys(UNIT_COLUMNS, "") | fields
        self.versions[row["key"]].append(row)
        return row

    def rows(self) -> list[dict]:
        every = [row for versions in self.versions.values() for row in versions]
        return sorted(every, key=lambda row: (row["key"], row["valid_from"]))


def apply_overrides(units: list[dict], overrides: list[dict]) -> None:
    """Corrects `units` in place; an override that no longer fits its source stops the run."""
    by = {(row["key"], row["valid_from"]): row for row in units}
    for fix in overrides:
        if fix["field"] in ("edge", "identity"):
            continue
        row = by[fix["key"], fix["valid_from"]]
        assert row[fix["field"]] == fix["old"], f"override out of date: {fix}, found {row[fix['field']]!r}"
        row[fix["field"]] = fix["new"]
        if fix["old"] != fix["new"]:
            row["source"] += "; overrides.csv"
    for row in units:
        for field in ("name", "full_name", "kind"):
            assert clean(row[field]) == row[field], f"not clean, add an override: {row}"
        last = row["full_name"].removeprefix(row["full_name"].split(row["name"])[0]) if row["name"] else ""
        assert last == row["name"], f"name and full name disagree: {row}"


def read_units(data: pathlib.Path, overrides: list[dict]):
    """Old and new units as the package has them, corrected; and its keys resolved to ours."""
    db = sqlite3.connect(f"file:{data / 'dataset.db'}?mode=ro&immutable=1", uri=True)
    db.row_factory = sqlite3.Row
    old, new = Units(), Units()
    names: dict[str, dict] = {"old": {}, "new": {}, "p_old": {}, "p_new": {}}

    def province(units: Units, era: str, row, **fields) -> str:
        key = f"p:{era}:{row['provinceCode']}"
        if key not in units.versions:
            kind, name = split_name(clean(row["province"]), ("tỉnh", "thành phố"))
            units.add(
                key=key, tenant=key, level="province", name=name, full_name=row["province"],
                kind="tỉnh" if kind == "tỉnh" else "thành phố trực thuộc trung ương",
                code=row["provinceCode"], parent="nation",
                lat=number(row["provinceLat"]), lon=number(row["provinceLon"]), **fields,
            )
            names[f"p_{era}"][row["provinceKey"]] = key
        return key

    fields = dict(valid_from=KNOWN_SINCE, valid_to=REFORM, source=OLD_SOURCE, source_date=OLD_DATE)
    for row in db.execute("SELECT * FROM admin_units_legacy ORDER BY provinceCode, districtCode, wardCode"):
        top = province(old, "old", row, **fields)
        district = f"d:old:{row['provinceCode']}:{row['districtCode']}"
        if district not in old.versions:
            kind, name = split_name(clean(row["district"]), DISTRICT_KINDS)
            if kind == "thành phố":
                of_city = old.versions[top][0]["kind"] != "tỉnh"
                kind += " thuộc thành phố trực thuộc trung ương" if of_city else " thuộc tỉnh"
            old.add(
                key=district, tenant=top, level="district", kind=kind, name=name,
                full_name=row["district"], code=row["districtCode"], parent=top,
                lat=number(row["districtLat"]), lon=number(row["districtLon"]), **fields,
            )
        known = f"{row['provinceKey']}_{row['districtKey']}_{row['wardKey'] or ''}"
        assert known not in names["old"], known
        names["old"][known] = district
        if row["wardCode"] is None:
            continue
        key = f"old:{row['provinceCode']}:{row['districtCode']}:{row['wardCode']}"
        names["old"][known] = key
        kind, name = split_name(clean(row["ward"]), COMMUNE_KINDS)
        old.add(
            key=key, tenant=top, level="commune", kind=kind, name=name, full_name=row["ward"],
            code=row["wardCode"], parent=district,
            lat=number(row["wardLat"]), lon=number(row["wardLon"]), **fields,
        )
    fields = dict(valid_from=REFORM, valid_to="", source=NEW_SOURCE, source_date=NEW_DATE)
    for row in db.execute("SELECT * FROM admin_units ORDER BY provinceCode, wardCode"):
        top = province(new, "new", row, **fields)
        key = f"new:{row['provinceCode']}:{row['wardCode']}"
        kind, name = split_name(clean(row["ward"]), COMMUNE_KINDS)
        new.add(
            key=key, tenant=top, level="commune", kind=kind, name=name, full_name=row["ward"],
            code=row["wardCode"], parent=top, lat=number(row["wardLat"]), lon=number(row["wardLon"]),
            area_km2=number(row["wardAreaKm2"]), **fields,
        )
        assert (top, row["wardKey"]) not in names["new"], row["wardKey"]
        names["new"][top, row["wardKey"]] = key
    apply_overrides(old.rows() + new.rows(), overrides)
    return old, new, names


def read_mapping(data: pathlib.Path, names: dict):
    """Province edges, whole edges (old, new) and parts (old, new, default) in our keys."""
    table = json.loads((data / "converter_2025.json").read_text(encoding="utf-8"))
    tops = [
        (names["p_old"][old], names["p_new"][new])
        for new, olds in table["DICT_PROVINCE"].items() for old in olds
    ]
    whole = [
        (names["old"][old], names["new"][names["p_new"][top], new])
        for top, news in table["DICT_PROVINCE_WARD_NO_DIVIDED"].items()
        for new, olds in news.items() for old in olds
    ]
    parts = [
        (names["old"][old], names["new"][names["p_new"][top], edge["newWardKey"]], edge["isDefaultNewWard"])
        for top, olds in table["DICT_PROVINCE_WARD_DIVIDED"].items()
        for old, edges in olds.items() for edge in edges
    ]
    return sorted(tops), sorted(whole), sorted(parts)


def check_mapping(old: Units, new: Units, whole: list, parts: list) -> None:
    """The counts of the package, and that nobody is left without a successor or a predecessor."""
    assert len(whole) == len({a for a, _ in whole}) == 9569, len(whole)
    assert len({b for _, b in whole}) == 3282
    assert len(parts) == 1033 and len({a for a, _, _ in parts}) == 471
    assert not {a for a, _ in whole} & {a for a, _, _ in parts}
    sources = {a for a, _ in whole} | {a for a, _, _ in parts}
    communes = {key for key, (row,) in old.versions.items() if row["level"] == "commune"}
    assert communes <= sources, communes - sources
    islands = {key for key in sources - communes if key.startswith("d:")}
    assert len(islands) == 5 and sources == communes | islands
    targets = {b for _, b in whole} | {b for _, b, _ in parts}
    assert targets == {key for key, (row,) in new.versions.items() if row["level"] == "commune"}
    assert collections.Counter(sum(d for a, _, d in parts if a == key) for key in {p[0] for p in parts}) == {1: 471}


def corrected(whole: list, parts: list, overrides: list[dict]) -> dict[str, dict[str, bool]]:
    """Successors of every old unit, `from -> {to: default}`, after the corrections of overrides.csv."""
    edges: dict[str, dict[str, bool]] = collections.defaultdict(dict)
    for a, b in whole:
        edges[a][b] = True
    for a, b, default in parts:
        edges[a][b] = default
    for fix in overrides:
        if fix["field"] != "edge":
            continue
        assert not fix["old"] or fix["old"] in edges[fix["key"]], f"override out of date: {fix}"
        if fix["old"] != fix["new"]:
            edges[fix["key"]].pop(fix["old"], None)
            if fix["new"]:
                edges[fix["key"]][fix["new"]] = False
    for a, targets in edges.items():
        if len(targets) == 1:
            targets[next(iter(targets))] = True
        assert sum(targets.values()) == 1, f"no default successor: {a} {targets}"
    return edges


def build(old: Units, new: Units, tops: list, edges: dict, overrides: list[dict], hand: dict):
    """All versions with final keys, and all changes."""
    units = Units()
    units.add(
        key="nation", tenant="nation", level="nation", kind="quốc gia", name="Việt Nam", full_name="Việt Nam",
        code="VN", valid_from=KNOWN_SINCE, source="ISO 3166-1", source_date=OLD_DATE,
    )
    for rows in old.versions.values():
        units.versions[rows[0]["key"]] = list(rows)

    # Provinces that were not merged keep their key.
    from_tops = collections.defaultdict(list)
    for a, b in tops:
        from_tops[b].append(a)
    final = {}
    for b, sources in from_tops.items():
        (after,) = new.versions[b]
        before = old.versions[sources[0]][0]
        alone = len(sources) == 1
        assert not alone or (before["full_name"], before["code"]) == (after["full_name"], after["code"])
        final[b] = sources[0] if alone else b

    # So do communes with one whole predecessor of the same name and kind.
    into, pieces = collections.defaultdict(list), collections.defaultdict(list)
    for a, targets in edges.items():
        for b in targets:
            (into if len(targets) == 1 else pieces)[b].append(a)
    respelled = {(fix["key"], fix["new"]) for fix in overrides if fix["field"] == "identity"}
    for b, (after,) in new.versions.items():
        if after["level"] != "commune":
            continue
        final[b] = b
        if len(into[b]) == 1 and not pieces[b]:
            before = old.versions[into[b][0]][0]
            same = before["kind"] == after["kind"] and spelling(before["name"]) == spelling(after["name"])
            final[b] = before["key"] if same or (before["key"], b) in respelled else b
    for b, (after,) in new.versions.items():
        key = final[b]
        tenant = old.versions[key][0]["tenant"] if key != b else final[after["tenant"]]
        units.add(**(after | dict(key=key, tenant=tenant, parent=final.get(after["parent"], after["parent"]))))

    changes = []

    def change(name: str, kind: str, a: str, b: str, **fields) -> None:
        row = dict.fromkeys(CHANGE_COLUMNS, "") | {
            "change": f"{fields.get('effective', REFORM)}:{name}", "kind": kind, "effective": REFORM,
            "from": a, "to": b, "share": "1", "basis": "whole", "is_default": "1", "source": MAPPING,
        }
        changes.append(row | fields)

    top_decree = dict(decree="NQ 202/2025/QH15", decree_date="2025-06-12")
    for b, sources in from_tops.items():
        if len(sources) > 1:
            for a in sources:
                change(f"province:{new.versions[b][0]['code']}", "merge", a, b, source=f"{MAPPING}; NQ 202/2025/QH15 [K]", **top_decree)
    top_of = dict(tops)
    for key, (row,) in old.versions.items():
        # The five island districts without communes became special zones: a retype below, not an abolition.
        if row["level"] == "district" and key not in edges:
            change(
                f"district:{row['code']}", "abolish", key, final[top_of[row["parent"]]],
                decree="NQ 203/2025/QH15", decree_date="2025-06-16", source="NQ 203/2025/QH15 [K]",
            )

    def decree_of(b: str) -> dict:
        found = hand["decrees"].get(b.split(":")[1])
        return dict(decree=found["decree"], decree_date=found["decree_date"]) if found else {}

    for b, sources in into.items():
        key, after = final[b], new.versions[b][0]
        for a in sources:
            before = old.versions[a][0]
            note = ""
            if key == a:
                kind, note = "move", "không sắp xếp: chỉ đổi cấp trên từ huyện sang tỉnh"
            elif len(sources) > 1 or pieces[b]:
                kind = "merge"
            elif spelling(before["name"]) != spelling(after["name"]):
                kind = "rename"
                note = "đổi cả loại đơn vị" if before["kind"] != after["kind"] else ""
            else:
                kind = "retype"
            fields = {} if kind == "move" else decree_of(b)
            change(f"commune:{after['code']}", kind, a, key, note=note, **fields)
    for a, targets in edges.items():
        if len(targets) == 1:
            continue
        # Where the official table says that all the people went to one part, the share of people is known.
        known = {row["to"]: row for row in hand["parts"] if row["from"] == a}
        assert not known or known.keys() == targets.keys(), (a, known.keys() ^ targets.keys())
        for b, default in targets.items():
            fields = dict(share="", basis="unknown", is_default=str(int(default)), **decree_of(b))
            if known:
                people = known[b]["population"]
                fields |= dict(share=people, basis="population", is_default=people, note=known[b]["says"])
            change(f"divide:{old.versions[a][0]['code']}", "divide", a, final[b], **fields)

    # After 1 July 2025 only kinds changed so far: facts/units/later.csv.
    for row in hand["later"]:
        last = units.versions[row["key"]][-1]
        assert row["full_name"].endswith(last["name"]) and last["valid_to"] == "" and last["kind"] != row["kind"]
        units.versions[row["key"]].append(
            last | dict(
                kind=row["kind"], full_name=row["full_name"], valid_from=row["effective"],
                source=f"{row['decree']}; {row['source']}", source_date=row["effective"],
            )
        )
        last["valid_to"] = row["effective"]
        change(
            f"{last['level']}:{last['code']}", "retype", row["key"], row["key"], effective=row["effective"],
            decree=row["decree"], decree_date=row["decree_date"], source=row["source"],
        )
    changes.sort(key=lambda row: (row["effective"], row["change"], row["from"], row["to"]))
    return units, changes


def check(units: Units, changes: list[dict]) -> dict:
    """The counts that the README states; a surprise stops the run."""

    def alive(day: str, level: str) -> list[dict]:
        return [
            row for row in units.rows()
            if row["level"] == level and row["valid_from"] <= day and (not row["valid_to"] or day < row["valid_to"])
        ]

    count = {
        day: tuple(len(alive(day, level)) for level in ("province", "district", "commune"))
        for day in ("2025-06-30", "2025-07-01", "2026-10-01")
    }
    assert count["2025-06-30"] == (63, 696, 10035), count
    assert count["2025-07-01"] == count["2026-10-01"] == (34, 0, 3321), count
    for day in count:
        keys = {row["key"] for level in ("nation", "province", "district", "commune") for row in alive(day, level)}
        for level in ("province", "district", "commune"):
            rows = alive(day, level)
            assert all(row["parent"] in keys for row in rows)
            assert len({(row["level"], row["code"]) for row in rows}) == len(rows)
            assert len({row["key"] for row in rows}) == len(rows)
    for versions in units.versions.values():
        assert len({row["tenant"] for row in versions}) == 1
        assert all(a["valid_to"] == b["valid_from"] for a, b in zip(versions, versions[1:]))
    assert all(row["from"] in units.versions and row["to"] in units.versions for row in changes)
    assert len({(row["change"], row["from"], row["to"]) for row in changes}) == len(changes)
    return count


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=pathlib.Path, help="unpacked package, or where to fetch it")
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path("facts/units"))
    options = parser.parse_args()
    data = locate(options.folder)
    overrides = rows_of(options.out / "overrides.csv")
    hand = {name: rows_of(options.out / f"{name}.csv") for name in ("decrees", "parts", "later")}
    hand["decrees"] = {row["province"]: row for row in hand["decrees"]}
    old, new, names = read_units(data, overrides)
    tops, whole, parts = read_mapping(data, names)
    check_mapping(old, new, whole, parts)
    units, changes = build(old, new, tops, corrected(whole, parts, overrides), overrides, hand)
    count = check(units, changes)
    write(options.out / "units.csv", UNIT_COLUMNS, units.rows())
    write(options.out / "changes.csv", CHANGE_COLUMNS, changes)
    print("provinces, districts, communes:", count)
    print("rows:", len(units.rows()), "keys:", len(units.versions), "edges:", len(changes))
    print("events:", dict(sorted(collections.Counter(kind for kind, _ in {(c["kind"], c["change"]) for c in changes}).items())))
    print("edges by basis:", dict(sorted(collections.Counter(c["basis"] for c in changes).items())))


if __name__ == "__main__":
    main()
