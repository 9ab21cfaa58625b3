/*
The rehearsal: while a slider moves, the answer follows.

  <form data-rehearsal="/rehearsal/live"> … <input type="range" name="s.8.4"><output> … <div data-result>

Asks GET {data-rehearsal}?… with the form's own fields, which answers {"html", "href", "annex"}; the markup is made and escaped by
the server, the same that the page has without script. The address of the page follows, so that it can be copied.
*/
const form = document.querySelector<HTMLFormElement>("form[data-rehearsal]");
const result = document.querySelector<HTMLElement>("[data-result]");

if (form && result) {
  let timer = 0;
  let asked = 0;
  let running: AbortController | undefined;

  // What is not moved is not sent: addresses stay short.
  const query = () => {
    const out = new URLSearchParams();
    for (const [name, value] of new FormData(form)) {
      if (typeof value !== "string" || value === "" || (name.startsWith("s.") && Number(value) === 0)) continue;
      out.append(name, value);
    }
    return out;
  };

  const ask = async () => {
    const mine = ++asked;
    running?.abort();
    running = new AbortController();
    result.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(`${form.dataset.rehearsal}?${query()}`, { headers: { accept: "application/json" }, signal: running.signal });
      if (mine !== asked) return;
      const told = await answer.json();
      if (!answer.ok) {
        const p = document.createElement("p");
        p.className = "notice bad";
        p.textContent = [told.detail, told.how].filter(Boolean).join(" ");
        result.replaceChildren(p);
        return;
      }
      result.innerHTML = told.html;
      const scope = query().get("scope");
      history.replaceState(null, "", told.href + (scope ? `&scope=${encodeURIComponent(scope)}` : ""));
      const annex = document.querySelector<HTMLAnchorElement>("[data-annex]");
      if (annex) annex.href = told.annex;
      keep(new URL(told.href, location.href).searchParams);
    } catch (error) {
      // A newer question took over, or the network is away: what stands there stays, and the button still works.
      if (!(error instanceof DOMException)) console.warn(error);
    } finally {
      if (mine === asked) result.removeAttribute("aria-busy");
    }
  };

  // The form that keeps a scenario keeps what is shown.
  const keep = (shown: URLSearchParams) => {
    const other = document.querySelector<HTMLFormElement>("form[data-keep]");
    if (!other) return;
    for (const field of other.querySelectorAll("input[type=hidden]")) field.remove();
    for (const [name, value] of shown) {
      const field = document.createElement("input");
      field.type = "hidden";
      field.name = name;
      field.value = value;
      other.prepend(field);
    }
  };

  form.addEventListener("input", (event) => {
    const target = event.target as HTMLInputElement;
    if (target.type === "range") {
      const output = target.parentElement?.querySelector("output");
      if (output) output.value = target.value;
    }
    // Another set has other sliders, and another scope other positions: the page is asked anew.
    if (target.name === "set" || target.name === "scope") return form.requestSubmit();
    clearTimeout(timer);
    timer = window.setTimeout(ask, 120);
  });
}
