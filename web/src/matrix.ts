/*
The matrix of units by indicators: all its rows under one scrollbar, ten thousand of them too.

  <div data-rows="50" data-from="0" data-total="10036" data-page="/criteria/…/matrix?…&from="> <table> … <tbody>

Each page of rows is a <tbody>. Those near the window are asked from the server, which answers the page that one sees without
script; those far from it are one empty row as high as theirs were, so that the browser carries a few hundred rows at most.
*/
const region = document.querySelector<HTMLElement>("[data-page]");
const table = region?.querySelector("table");
const given = table?.tBodies[0];

if (region && table && given) {
  const rows = Number(region.dataset.rows);
  const total = Number(region.dataset.total);
  const from = Number(region.dataset.from);
  const width = table.tHead?.rows[0]?.cells.length ?? 1;
  let usual = given.offsetHeight / Math.max(1, given.rows.length);

  const room = (body: HTMLTableSectionElement, height: number) => {
    const cell = document.createElement("td");
    cell.colSpan = width;
    cell.height = String(Math.round(height));
    const row = document.createElement("tr");
    row.setAttribute("aria-hidden", "true");
    row.append(cell);
    body.replaceChildren(row);
  };
  const loading = new Map<Element, AbortController>();

  const load = async (body: HTMLTableSectionElement) => {
    if (loading.has(body) || body.dataset.state === "here") return;
    const stop = new AbortController();
    loading.set(body, stop);
    try {
      // Who only scrolls past does not ask.
      await new Promise((done) => setTimeout(done, 60));
      if (stop.signal.aborted) return;
      const answer = await fetch(region.dataset.page + body.dataset.at!, { signal: stop.signal });
      if (!answer.ok) throw new Error(String(answer.status));
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = page.querySelector<HTMLElement>("[data-page] tbody");
      if (!fresh || stop.signal.aborted) return;
      body.replaceChildren(...fresh.children);
      body.dataset.state = "here";
      usual = body.offsetHeight / Math.max(1, body.rows.length);
    } catch {
      // The network is away: the room stays, and the next look asks again.
    } finally {
      loading.delete(body);
    }
  };
  const leave = (body: HTMLTableSectionElement) => {
    loading.get(body)?.abort();
    // What somebody stands in is not taken from under them.
    if (body.dataset.state !== "here" || body.contains(document.activeElement)) return;
    room(body, body.offsetHeight);
    body.dataset.state = "away";
  };
  const watch = new IntersectionObserver(
    (seen) => {
      for (const entry of seen) {
        const body = entry.target as HTMLTableSectionElement;
        if (entry.isIntersecting) void load(body);
        else leave(body);
      }
    },
    { root: region, rootMargin: "150% 0px" },
  );

  let last: HTMLTableSectionElement = given;
  for (let at = from % rows; at < total; at += rows) {
    if (at === from) {
      given.dataset.state = "here";
      last = given;
      continue;
    }
    const body = document.createElement("tbody");
    body.dataset.at = String(at);
    room(body, usual * Math.min(rows, total - at));
    if (at < from) given.before(body);
    else {
      last.after(body);
      last = body;
    }
  }
  given.dataset.at = String(from);
  region.scrollTop = given.offsetTop - (from > 0 ? (table.tHead?.offsetHeight ?? 0) : given.offsetTop);
  for (const body of table.tBodies) watch.observe(body);
  document.querySelector("[data-pages]")?.remove();
}
