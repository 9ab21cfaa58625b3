/*
The small script of every page. Pages work without it; each hook is an attribute in the markup:

  <input type="search" data-suggest="/search/suggest">       suggestions, see search.ts; the key "/" goes to the first one
  <section data-live="/path/of/fragment" aria-live="polite">  its inside is fetched again every 5 s while visible, and replaced
                                                              when it has changed (send an ETag and answer 304 when it has not)
  <section data-live="…" data-live-events="/events">          fetched again at each server-sent event instead of every 5 s
  <details data-load="/path/of/fragment"><summary>…</summary><div><a href="…">full page</a></div></details>
                                                              the <div> is filled when first opened
  <form data-auto>                                            sent when a <select>, radio or checkbox in it changes;
                                                              its [data-auto-hide] button is hidden
  <button type="button" data-print hidden>                    shown, and prints
*/
import { suggestions } from "./search";

const all = <T extends HTMLElement>(selector: string) => document.querySelectorAll<T>(selector);

async function fragment(url: string, etag?: string | null): Promise<Response | undefined> {
  try {
    const headers: Record<string, string> = { "X-Fragment": "1" };
    if (etag) headers["If-None-Match"] = etag;
    const answer = await fetch(url, { headers });
    return answer.ok ? answer : undefined;
  } catch {
    return undefined; // no signal: what is on the page stays
  }
}

const streams = new Map<string, EventSource>(); // one for all regions: a browser opens few connections to a host

for (const region of all("[data-live]")) {
  const { live, liveEvents } = region.dataset;
  let etag: string | null = null;
  const refresh = async () => {
    if (document.hidden || region.contains(document.activeElement)) return;
    const answer = await fragment(live!, etag);
    if (!answer) return;
    etag = answer.headers.get("ETag");
    const next = document.createElement("template");
    next.innerHTML = await answer.text();
    if (next.innerHTML.trim() === region.innerHTML.trim()) return;
    region.replaceChildren(next.content);
    region.classList.remove("fresh");
    void region.offsetWidth; // restarts the animation
    region.classList.add("fresh");
  };
  if (liveEvents) {
    const stream = streams.get(liveEvents) ?? new EventSource(liveEvents);
    streams.set(liveEvents, stream);
    stream.addEventListener("message", refresh);
  } else setInterval(refresh, 5000);
  document.addEventListener("visibilitychange", refresh);
}

for (const details of all<HTMLDetailsElement>("details[data-load]")) {
  details.addEventListener("toggle", async () => {
    const url = details.dataset.load;
    const inside = details.querySelector("summary ~ *");
    if (!details.open || !url || !inside) return;
    delete details.dataset.load;
    inside.setAttribute("aria-busy", "true");
    const answer = await fragment(url);
    if (answer) inside.innerHTML = await answer.text();
    else details.dataset.load = url; // the link inside stays; opening again tries again
    inside.removeAttribute("aria-busy");
  });
}

for (const form of all<HTMLFormElement>("form[data-auto]")) {
  form.querySelectorAll<HTMLElement>("[data-auto-hide]").forEach((button) => (button.hidden = true));
  form.addEventListener("change", (event) => {
    if ((event.target as HTMLElement).matches("select,[type=radio],[type=checkbox]")) form.requestSubmit?.();
  });
}

for (const button of all("[data-print]")) {
  button.hidden = false;
  button.onclick = () => print();
}

all<HTMLInputElement>("[data-suggest]").forEach(suggestions);

const menu = document.querySelector<HTMLDetailsElement>("header details");
const closeMenu = () => {
  if (menu) menu.open = false;
};
document.addEventListener("click", (event) => {
  if (!menu?.contains(event.target as Node)) closeMenu();
});
document.addEventListener("keydown", (event) => {
  const target = event.target as HTMLElement;
  if (event.key === "Escape" && menu?.open) {
    closeMenu();
    menu.querySelector("summary")?.focus();
  }
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
  if (target.isContentEditable || target.matches("input,select,textarea")) return;
  const box = [...all<HTMLInputElement>("[data-suggest]")].find((input) => input.offsetParent);
  if (box) {
    event.preventDefault();
    box.focus();
  }
});
