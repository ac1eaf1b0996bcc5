// The address: what it leads to is opened, and what was chosen is kept in it, as #anchor;name=value.
function address() {
  const [anchor, ...parts] = decodeURIComponent(location.hash.slice(1)).split(";");
  return { anchor, state: new Map(parts.map((part) => part.split("=")).filter(([name, value]) => name && value)) };
}
let kept = address().state;
function write(anchor) {
  const parts_ = [...kept].map(([key, text]) => `;${encodeURIComponent(key)}=${encodeURIComponent(text)}`).join("");
  history.replaceState(null, "", `#${encodeURIComponent(anchor)}${parts_}`);
}
function remember(name, value) {
  if (value) kept.set(name, value);
  else kept.delete(name);
  write(address().anchor);
}

function lead() {
  const { anchor } = address();
  if (!anchor) return;
  let found = byId(anchor);
  for (const id of found ? [] : lists.keys()) found ??= openCard(id, anchor);
  if (!found) return;
  for (let above = found; above; above = above.parentElement) if (above.tagName === "DETAILS") above.open = true;
  const own = found.querySelector(":scope > details.part");
  if (own) own.open = true;
  found.scrollIntoView();
}
window.addEventListener("hashchange", () => {
  if (address().state.size) kept = address().state;
  else if (kept.size) write(address().anchor); // a link within the page keeps what was chosen
  lead();
});
listsReady.then(() => {
  for (const [name, value] of address().state) {
    const [id, key] = name.split(".");
    const state = lists.get(id);
    if (state && key === "search") {
      state.table.closest(".events").querySelector("input").value = value;
      state.search = value;
    } else if (state && key === "sort") {
      const [by, way] = value.split(" ");
      const head = state.heads.find((one) => one.dataset.by === by);
      if (head) Object.assign(state, { by, way: Number(way) });
      head?.setAttribute("aria-sort", way === "1" ? "ascending" : "descending");
    }
    if (state) arrange(id);
    const select = document.querySelector(`select[data-for="${CSS.escape(id)}"]`);
    if (select && [...select.options].some((option) => option.value === value)) {
      select.value = value;
      choice(byId(`chart-${id}`), value);
    }
  }
  each("form.pair", (form) => {
    each("select", (select) => {
      const value = address().state.get(`${form.dataset.table}.${select.dataset.side}`);
      if (value && [...select.options].some((option) => option.value === value)) select.value = value;
    }, form);
    choose(form);
  });
  lead();
});

// The choosers of a chart that the library has made: their n-th select is kept under that number.
function recall(place) {
  const { state } = address();
  each("select", (select, at) => {
    const value = state.get(`${place.dataset.chart}.${at}`);
    const option = [...select.options].find((one) => one.textContent === value);
    if (!option) return;
    select.value = option.value;
    select.dispatchEvent(new Event("change", { bubbles: false }));
    select.dispatchEvent(new Event("input", { bubbles: false }));
  }, place);
}
document.addEventListener("change", ({ target }) => {
  if (target.tagName !== "SELECT") return;
  const place = target.closest("[data-chart]");
  if (place) remember(`${place.dataset.chart}.${[...place.querySelectorAll("select")].indexOf(target)}`, target.selectedOptions[0].textContent);
  else if (target.dataset.for) remember(`${target.dataset.for}.choice`, target.value);
  else if (target.dataset.side) remember(`${target.closest("form").dataset.table}.${target.dataset.side}`, target.value);
});

// The part that is read is marked in the contents.
const parts = new Map([...document.querySelectorAll("#contents a")].map((link) => [link.hash.slice(1), link]));
const reading = new IntersectionObserver((entries) => {
  for (const { isIntersecting, target } of entries) {
    if (isIntersecting) parts.get(target.id).setAttribute("aria-current", "true");
    else parts.get(target.id).removeAttribute("aria-current");
  }
}, { rootMargin: "-25% 0px -70% 0px" });
for (const id of parts.keys()) if (byId(id)) reading.observe(byId(id));

// Of a narrow screen the contents are folded.
if (window.matchMedia("(max-width: 48rem)").matches) document.querySelector("#contents details").open = false;

// For tests and for printing: everything drawn, whether in view or not.
window.drawAll = async () => {
  drawAllPanels(await listsReady);
  await Promise.all([...document.querySelectorAll("[data-chart]")].filter((place) => !drawn.get(place)).map(draw));
};
