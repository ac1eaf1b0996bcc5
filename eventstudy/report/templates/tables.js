// Tables: rows of what is chosen, pairs, downloads, and headers that sort.
async function choice(place, name) {
  place.dataset.choice = name;
  fill(place, await loaded);
  return draw(place);
}

// The table below a chart that has choices: the rows of what is chosen.
function fill(place, data) {
  each("table[data-chosen]", (table) => {
    const { figure, dataset } = data.tables[table.dataset.chosen];
    if (figure !== place.dataset.chart) return;
    const fields = [...table.querySelectorAll("th")].map((head) => head.dataset.fields);
    table.tBodies[0].replaceChildren(...rows(shown(place, data).datasets[dataset]).map((row) => {
      const made = document.createElement("tr");
      made.append(...fields.map((field) => Object.assign(document.createElement("td"), { textContent: row[field] })));
      return made;
    }));
  });
}
loaded.then((data) => each("[data-chart]", (place) => fill(place, data)));

document.addEventListener("change", ({ target }) => {
  if (target.dataset.for) choice(byId(`chart-${target.dataset.for}`), target.value);
  const form = target.closest("form.pair");
  if (form) choose(form);
});

// Of a table of pairs, the rows of the two that are chosen.
async function choose(form) {
  const { charts } = await loaded;
  const [one, other] = [...form.querySelectorAll("select")].map((select) => select.value);
  let seen = 0;
  each(`#table-${form.dataset.table} tbody tr`, (row) => {
    const { a, b } = row.dataset;
    row.hidden = !((a === one && b === other) || (a === other && b === one));
    seen += row.hidden ? 0 : 1;
  });
  form.querySelector(".none").hidden = seen > 0;
  const place = byId(`chart-${form.dataset.table}`);
  const name = [`${one} - ${other}`, `${other} - ${one}`].find((pair) => place && pair in charts[place.dataset.chart].choices);
  if (place) place.closest("figure").hidden = !name;
  if (name && name !== place.dataset.choice) {
    place.dataset.choice = name;
    if (drawn.has(place)) draw(place);
  }
}
each("form.pair", (form) => {
  form.addEventListener("submit", (event) => event.preventDefault());
  choose(form);
});

function download({ name, pool, at, figure, dataset, header }, data) {
  if (!figure) return { name, header: data.pools[pool].header, listed: at.map((place) => data.pools[pool].rows[place]) };
  const listed = rows(shown(byId(`chart-${figure}`), data).datasets[dataset]);
  return { name, header, listed: listed.map((row) => header.map((field) => row[field])) };
}
document.addEventListener("click", async ({ target }) => {
  const button = target.closest(".download");
  if (!button) return;
  const data = await loaded;
  const { name, header, listed } = download(data.tables[button.dataset.table], data);
  offerText(name, csv(header, listed), "text/csv");
});

// Figures sort by size, also those written as "<0.001", "12.3%" or with a true minus; other cells as texts.
function sortKey(text) {
  const figure = Number(text.replace("\u2212", "-").replace(/^<(.*)/, "-1e-9").replace(/[%,+\u2020*]/g, ""));
  return text.trim() && !Number.isNaN(figure) ? figure : text;
}
const collator = new Intl.Collator(document.documentElement.lang, { numeric: true });
function compared(a, b) {
  if (typeof a === "number" && typeof b === "number") return a - b;
  if (typeof a === "number" || typeof b === "number") return typeof a === "number" ? -1 : 1;
  return collator.compare(a, b);
}
function turn(head) {
  const way = head.getAttribute("aria-sort") === "ascending" ? "descending" : "ascending";
  each("th[aria-sort]", (other) => other.setAttribute("aria-sort", "none"), head.closest("thead"));
  head.setAttribute("aria-sort", way);
  return way === "ascending" ? 1 : -1;
}
function sortable(table) {
  if ("sortable" in table.dataset || table.tBodies[0]?.rows.length < 2) return;
  table.dataset.sortable = "";
  each("thead th", (head, column) => {
    const button = Object.assign(document.createElement("button"), { type: "button", textContent: head.textContent });
    head.replaceChildren(button);
    head.setAttribute("aria-sort", "none");
    button.addEventListener("click", () => {
      const way = turn(head);
      const listed = [...table.tBodies[0].rows].map((row) => [sortKey(row.cells[column].textContent), row]);
      listed.sort(([a], [b]) => way * compared(a, b));
      table.tBodies[0].append(...listed.map(([, row]) => row));
    });
  }, table);
}
const sortVisible = () => each(".scroll table:not([data-sortable])", (table) => { if (table.checkVisibility?.() ?? true) sortable(table); });
sortVisible();
document.addEventListener("toggle", sortVisible, true);

// A formula wider than the screen scrolls: keys reach it.
document.addEventListener("toggle", () => each(".formula", (place) => { if (place.scrollWidth > place.clientWidth) place.tabIndex = 0; }), true);
