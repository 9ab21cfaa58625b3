/*
Suggestions under a search box, as an ARIA combobox with a listbox.

  <form class="find" role="search" action="/search">
    <input type="search" name="q" data-suggest="/search/suggest" aria-label="…" autocomplete="off">
  </form>

Asks GET {data-suggest}?q=…, which answers [{"label": "Xã Phúc Hòa", "sub": "Bắc Ninh", "href": "/places/…"}].
Arrow keys move, Enter opens the chosen one (or sends the form when none is chosen), Escape closes.
The parent of the input must be positioned (the class "find" is).
*/
type Suggestion = { label: string; sub?: string; href: string };

let count = 0;

export function suggestions(input: HTMLInputElement): void {
  const list = document.createElement("ul");
  list.className = "suggest";
  list.id = `suggest-${++count}`;
  list.hidden = true;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", input.getAttribute("aria-label") ?? "");
  input.parentElement!.append(list);
  for (const [name, value] of [
    ["role", "combobox"],
    ["aria-autocomplete", "list"],
    ["aria-controls", list.id],
    ["aria-expanded", "false"],
  ] as const) input.setAttribute(name, value);

  let items: Suggestion[] = [];
  let chosen = -1;
  let timer = 0;
  let asked = 0;

  const show = (found: Suggestion[]) => {
    items = found;
    list.replaceChildren(
      ...items.map((item, i) => {
        const row = document.createElement("li");
        row.id = `${list.id}-${i}`;
        row.setAttribute("role", "option");
        row.textContent = item.label;
        if (item.sub) {
          const sub = document.createElement("small");
          sub.textContent = item.sub;
          row.append(sub);
        }
        row.onmousedown = (event) => event.preventDefault(); // keeps the focus until the click
        row.onclick = () => open(item);
        return row;
      }),
    );
    list.hidden = items.length === 0;
    input.setAttribute("aria-expanded", String(!list.hidden));
    choose(-1);
  };
  const choose = (to: number) => {
    chosen = to;
    [...list.children].forEach((row, i) => {
      row.setAttribute("aria-selected", String(i === chosen));
      if (i === chosen) row.scrollIntoView({ block: "nearest" });
    });
    if (chosen < 0) input.removeAttribute("aria-activedescendant");
    else input.setAttribute("aria-activedescendant", `${list.id}-${chosen}`);
  };
  const open = (item: Suggestion) => {
    const url = new URL(item.href, location.href);
    if (url.origin === location.origin) location.assign(url);
  };

  input.addEventListener("input", () => {
    clearTimeout(timer);
    const q = input.value.trim();
    const turn = ++asked; // an answer that comes late is dropped
    if (!q) return show([]);
    timer = window.setTimeout(async () => {
      try {
        const answer = await fetch(`${input.dataset.suggest}?q=${encodeURIComponent(q)}`);
        if (answer.ok && turn === asked) show(await answer.json());
      } catch {
        // no signal: the form itself still works
      }
    }, 150);
  });
  input.addEventListener("keydown", (event) => {
    if (list.hidden || event.isComposing) return; // Vietnamese input methods use Enter and arrows while composing
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const item = items[chosen];
    if (step) {
      const places = items.length + 1; // one place is the box itself
      choose(((chosen + 1 + step + places) % places) - 1);
    } else if (event.key === "Enter" && item) open(item);
    else if (event.key === "Escape") show([]);
    else return;
    event.preventDefault();
  });
  input.addEventListener("blur", () => show([]));
}
