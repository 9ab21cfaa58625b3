/*
Data entry that behaves like a spreadsheet. Without this script the form is sent as a whole.

  <form method="post" action="/entry/…" data-sheet="/entry/…/cells">
    <p data-status role="status"></p>
    <div class="scroll" role="region" tabindex="0" aria-label="…">
      <table class="sheet pin">
        <thead>…</thead>
        <tr><th scope="row">Xã Phúc Hòa</th>
            <td><input name="…" data-cell data-seen="17" inputmode="decimal" aria-label="Phúc Hòa, số hộ" value="12"></td></tr>
      </table>
    </div>
    <button class="btn go">Lưu</button>
  </form>

Cells with the same `data-pair` (n and N of a percentage) are one value: they are sent together, once both are filled.
Cells with the same `data-figure` share one version. A "saved" answer may carry a `detail`: something to be told before handing over.

`name` identifies the cell; `data-seen` is the version that the page shows ("" when there is none).
Arrow keys move (left and right only at the ends of the text), Enter goes down, Shift+Enter up, Escape takes back the cell,
a range copied from Excel is pasted from the focused cell on. Changed cells are sent 0.8 s after the last keystroke:

  POST {data-sheet}   Idempotency-Key: <uuid>
  {"cells": [{"name": "…", "value": "1.234,5", "seen": "17"}]}
  200 {"at": "14:32", "cells": [{"name": "…", "status": "saved",    "seen": "18", "value": "1.234,5"},
                                {"name": "…", "status": "refused",  "detail": "Vượt quá 100 %."},
                                {"name": "…", "status": "conflict", "seen": "19", "value": "15", "by": "Lan, 14:30"}]}

Work that is not yet saved is kept in localStorage under the address of the form, put back when the page is opened again,
and sent again with the same key until the server answers. A value equal to the one held is "saved" whatever `seen` says. A page that is opened again keeps the version the work was based on,
so that somebody else's later value shows as a conflict and is never overwritten.
*/
type Cell = HTMLInputElement;
type Result = { name: string; status: "saved" | "refused" | "conflict"; seen?: string; value?: string; detail?: string; by?: string };
type Kept = Record<string, { value: string; seen: string }>;
type Batch = { key: string; cells: { name: string; value: string; seen: string }[] };

const t = (vi: string, en: string) => (document.documentElement.lang === "en" ? en : vi);
const PAUSE = 800;
const MAX_BATCH = 500;

function sheet(form: HTMLFormElement): void {
  const cells = [...form.querySelectorAll<Cell>("[data-cell]")];
  const byName = new Map(cells.map((cell) => [cell.name, cell]));
  const rows = [...form.querySelectorAll("tr")]
    .map((row) => [...row.querySelectorAll<Cell>("[data-cell]")])
    .filter((row) => row.length > 0);
  const place = new Map<Cell, [number, number]>();
  rows.forEach((row, r) => row.forEach((cell, c) => place.set(cell, [r, c])));
  const status = form.querySelector<HTMLElement>("[data-status]");
  const drawer = `sheet:${new URL(form.action).pathname}`;
  const good = new Map(cells.map((cell) => [cell, cell.value])); // what the server holds, as far as we know

  let timer = 0;
  let wait = PAUSE;
  let batch: Batch | undefined;
  let sending = false;
  let leaving = false;

  const say = (text: string, bad = false) => {
    if (!status) return;
    status.textContent = text;
    status.className = text ? `tag ${bad ? "late" : "ok"}` : "";
  };
  const read = (): Kept => {
    try {
      return JSON.parse(localStorage.getItem(drawer) ?? "{}") as Kept;
    } catch {
      return {};
    }
  };
  const isOpen = (cell: Cell) => ["dirty", "saving", "refused", "conflict"].includes(cell.dataset.state ?? "");
  const keep = () => {
    const kept: Kept = {};
    for (const cell of cells) if (isOpen(cell)) kept[cell.name] = { value: cell.value, seen: cell.dataset.seen ?? "" };
    try {
      if (Object.keys(kept).length) localStorage.setItem(drawer, JSON.stringify(kept));
      else localStorage.removeItem(drawer);
    } catch {
      // storage full or forbidden: the page itself still holds the work
    }
  };

  const note = (cell: Cell, text: string, choices: [string, () => void][] = []) => {
    const id = `note-${cells.indexOf(cell)}`;
    document.getElementById(id)?.remove();
    const about = (cell.dataset.about ??= cell.getAttribute("aria-describedby") ?? "");
    if (about) cell.setAttribute("aria-describedby", about);
    else cell.removeAttribute("aria-describedby");
    cell.removeAttribute("aria-invalid");
    if (!text) return;
    const box = document.createElement("div");
    box.id = id;
    box.className = "note";
    box.textContent = text;
    for (const [label, act] of choices) {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = label;
      button.onclick = () => {
        act();
        cell.focus();
      };
      box.append(document.createElement("br"), button);
    }
    cell.after(box);
    cell.setAttribute("aria-describedby", `${about} ${id}`.trim());
    cell.setAttribute("aria-invalid", "true");
  };

  const change = (cell: Cell, value: string) => {
    cell.value = value;
    touched(cell);
  };
  const touched = (cell: Cell) => {
    note(cell, "");
    cell.dataset.state = "dirty";
    keep();
    clearTimeout(timer);
    timer = window.setTimeout(send, PAUSE);
  };

  const conflict = (cell: Cell, result: Result) => {
    const mine = cell.value;
    const theirs = result.value ?? "";
    const who = result.by ? ` (${result.by})` : "";
    note(cell, t(`Đã có người nhập ${theirs || "ô trống"}${who}.`, `Somebody entered ${theirs || "nothing"}${who}.`), [
      [t(`Giữ ${mine || "ô trống"}`, `Keep ${mine || "it empty"}`), () => {
        cell.dataset.seen = result.seen ?? "";
        change(cell, mine);
      }],
      [t(`Lấy ${theirs || "ô trống"}`, `Take ${theirs || "nothing"}`), () => {
        cell.dataset.seen = result.seen ?? "";
        cell.value = theirs;
        good.set(cell, theirs);
        cell.dataset.state = "saved";
        note(cell, "");
        keep();
      }],
    ]);
  };

  // The hidden fields beside a figure (what the page showed, in which version) follow, for the form that is sent as a whole.
  const shown = (cell: Cell, seen: string) => {
    const field = (part: string) => form.querySelector<Cell>(`input[type=hidden][name="${cell.name.replace(/\w+$/, part)}"]`);
    const [version, text] = [field("s"), field("w")];
    if (version) version.value = seen;
    if (text && !cell.classList.contains("words")) text.value = mates(cell).map((mate) => good.get(mate) ?? "").join("|");
  };

  const settle = (result: Result, sent: string) => {
    const cell = byName.get(result.name);
    if (!cell) return;
    const typedOn = cell.value !== sent;
    if (result.status === "saved") {
      for (const other of cells) {
        if (other === cell || (cell.dataset.figure && other.dataset.figure === cell.dataset.figure)) other.dataset.seen = result.seen ?? "";
      }
      good.set(cell, result.value ?? sent);
      shown(cell, result.seen ?? "");
      if (typedOn) cell.dataset.state = "dirty";
      else {
        if (result.value !== undefined && document.activeElement !== cell) cell.value = result.value;
        cell.dataset.state = "saved";
        note(cell, result.detail ?? "");
        if (result.detail) cell.removeAttribute("aria-invalid");
      }
    } else if (typedOn) cell.dataset.state = "dirty";
    else {
      cell.dataset.state = result.status;
      if (result.status === "conflict") conflict(cell, result);
      else note(cell, result.detail ?? t("Giá trị này chưa nhận được.", "This value could not be accepted."));
    }
  };

  const mates = (cell: Cell): Cell[] => (cell.dataset.pair ? cells.filter((other) => other.dataset.pair === cell.dataset.pair) : [cell]);
  // Half a percentage waits for its other half; words such as "không áp dụng" and "45/60" are whole by themselves.
  const isWhole = (cell: Cell) => {
    const all = mates(cell).map((mate) => mate.value.trim());
    return all.every(Boolean) || all.every((text) => !/^[\d.,\s]+$/.test(text));
  };
  const send = async (): Promise<void> => {
    clearTimeout(timer);
    if (sending) return;
    if (!batch) {
      const dirty = cells.filter((cell) => cell.dataset.state === "dirty");
      const open = [...new Set(dirty.flatMap(mates))].filter(isWhole).slice(0, MAX_BATCH);
      if (!open.length) return;
      batch = { key: uuid(), cells: open.map((cell) => ({ name: cell.name, value: cell.value, seen: cell.dataset.seen ?? "" })) };
      open.forEach((cell) => (cell.dataset.state = "saving"));
    }
    sending = true;
    say(t("đang lưu…", "saving…"));
    const sent = new Map(batch.cells.map((cell) => [cell.name, cell.value]));
    let problem = "";
    let retry = false;
    try {
      const answer = await fetch(form.dataset.sheet!, {
        method: "POST",
        headers: { "Content-Type": "application/json", "Idempotency-Key": batch.key },
        body: JSON.stringify({ cells: batch.cells }),
      });
      const kind = answer.headers.get("Content-Type") ?? "";
      const body = kind.includes("json") ? await answer.json() : {};
      if (answer.ok && Array.isArray(body.cells)) {
        for (const result of body.cells as Result[]) settle(result, sent.get(result.name) ?? "");
        const open = cells.filter((cell) => cell.dataset.state === "refused" || cell.dataset.state === "conflict").length;
        const at = body.at ?? new Date().toTimeString().slice(0, 5);
        problem = open ? t(`${open} ô cần xem lại`, `${open} cells need a look`) : "";
        if (!problem) say(t(`đã lưu ${at}`, `saved ${at}`));
        wait = PAUSE;
      } else {
        retry = answer.status >= 500 || answer.status === 429;
        const first = answer.status === 401 ? t("cần đăng nhập lại", "please sign in again") : body.detail;
        problem = `${t("chưa lưu được", "not saved")}${first ? `: ${first}` : ""}`;
      }
    } catch {
      retry = true;
      problem = t("chưa lưu được, đang giữ trên máy này", "not saved, kept on this device");
    }
    sending = false;
    if (problem) say(problem, true);
    // What was sent and got no answer stays to be sent: with the same key while we retry, afresh after the next change.
    if (!retry) {
      batch = undefined;
      for (const cell of cells) if (cell.dataset.state === "saving") cell.dataset.state = "dirty";
    }
    keep();
    if (retry) {
      wait = Math.min(wait * 2, 60_000);
      timer = window.setTimeout(send, wait);
    } else if (!problem && cells.some((cell) => cell.dataset.state === "dirty" && isWhole(cell))) timer = window.setTimeout(send, PAUSE);
  };

  const go = (cell: Cell, down: number, right: number): boolean => {
    const [r, c] = place.get(cell) ?? [0, 0];
    // A row with fewer boxes is still the next row.
    const line = rows[r + down];
    const next = line?.[c + right] ?? (down ? line?.[line.length - 1] : undefined);
    if (!next) return false;
    next.focus();
    next.select();
    return true;
  };

  form.addEventListener("input", (event) => {
    const cell = event.target as Cell;
    if (place.has(cell)) touched(cell);
  });
  form.addEventListener("keydown", (event) => {
    const cell = event.target as Cell;
    if (!place.has(cell) || event.isComposing || event.altKey || event.ctrlKey || event.metaKey) return;
    const whole = cell.selectionStart === 0 && cell.selectionEnd === cell.value.length;
    const alone = cell.selectionStart === cell.selectionEnd;
    const atStart = whole || (alone && cell.selectionStart === 0);
    const atEnd = whole || (alone && cell.selectionEnd === cell.value.length);
    let moved = false;
    if (event.key === "Enter") {
      moved = true; // never sends the form from inside the grid
      go(cell, event.shiftKey ? -1 : 1, 0);
    } else if (event.key === "ArrowDown") moved = go(cell, 1, 0);
    else if (event.key === "ArrowUp") moved = go(cell, -1, 0);
    else if (event.key === "ArrowLeft" && atStart && !event.shiftKey) moved = go(cell, 0, -1);
    else if (event.key === "ArrowRight" && atEnd && !event.shiftKey) moved = go(cell, 0, 1);
    else if (event.key === "Escape" && cell.value !== good.get(cell)) {
      change(cell, good.get(cell) ?? "");
      moved = true;
    }
    if (moved) event.preventDefault();
  });
  form.addEventListener("paste", (event) => {
    const cell = event.target as Cell;
    const text = event.clipboardData?.getData("text/plain") ?? "";
    const from = place.get(cell);
    const range = parse(text);
    if (!from || (range.length === 1 && range[0]!.length === 1)) return;
    event.preventDefault();
    let outside = 0;
    range.forEach((line, down) =>
      line.forEach((value, right) => {
        const target = rows[from[0] + down]?.[from[1] + right];
        if (target && !target.readOnly && !target.disabled) change(target, value.trim());
        else if (value.trim()) outside++;
      }),
    );
    if (outside) say(t(`${outside} ô dán ra ngoài bảng đã bỏ qua`, `${outside} pasted cells fell outside the table`), true);
  });
  form.addEventListener("focusin", (event) => {
    if (place.has(event.target as Cell)) (event.target as Cell).select();
  });
  // What is kept on the device stays until the page comes back with these values: the sending may fail.
  form.addEventListener("submit", () => (leaving = true));
  window.addEventListener("online", () => void send());
  document.addEventListener("visibilitychange", () => document.hidden && void send());
  window.addEventListener("beforeunload", (event) => {
    if (!leaving && cells.some((cell) => ["dirty", "saving"].includes(cell.dataset.state ?? ""))) event.preventDefault();
  });

  const kept = Object.entries(read());
  for (const [name, { value, seen }] of kept) {
    const cell = byName.get(name);
    if (!cell || cell.value === value) continue;
    cell.dataset.seen = seen;
    change(cell, value);
  }
  keep();
  if (cells.some(isOpen)) say(t("đã lấy lại phần chưa lưu", "unsaved work was brought back"), true);
}

/** Splits what Excel, LibreOffice or Google Sheets put on the clipboard: tabs, lines, and cells in quotes. */
function parse(text: string): string[][] {
  const lines: string[][] = [[]];
  let cell = "";
  let quoted = false;
  const source = text.replace(/\r\n?/g, "\n").replace(/\n$/, "");
  for (let i = 0; i < source.length; i++) {
    const c = source[i]!;
    if (quoted) {
      if (c !== '"') cell += c;
      else if (source[i + 1] === '"') cell += source[i++];
      else quoted = false;
    } else if (c === '"' && cell === "") quoted = true;
    else if (c === "\t" || c === "\n") {
      lines[lines.length - 1]!.push(cell);
      cell = "";
      if (c === "\n") lines.push([]);
    } else cell += c;
  }
  lines[lines.length - 1]!.push(cell);
  return lines;
}

function uuid(): string {
  // crypto.randomUUID is absent on plain http, where district offices may well run this
  const b = crypto.getRandomValues(new Uint8Array(16));
  b[6] = (b[6]! & 15) | 64;
  b[8] = (b[8]! & 63) | 128;
  const h = [...b].map((x) => x.toString(16).padStart(2, "0")).join("");
  return `${h.slice(0, 8)}-${h.slice(8, 12)}-${h.slice(12, 16)}-${h.slice(16, 20)}-${h.slice(20)}`;
}

document.querySelectorAll<HTMLFormElement>("form[data-sheet]").forEach(sheet);
