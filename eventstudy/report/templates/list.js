// A list of many events: ranked, sorted, searched; a row opens its card below it.
const MOST_ROWS = 50;
const lists = new Map(); // id -> its state

function cell(name, row, figure) {
  const made = document.createElement("td");
  made.dataset.shown = name;
  if (figure) made.className = "figure";
  if (name === "title") {
    made.dataset.day = row.day; // a narrow screen has no column of days
    const link = Object.assign(document.createElement("a"), { href: `#${row.target}`, textContent: row.title });
    link.setAttribute("aria-expanded", "false");
    made.append(link);
  } else if (name === "spark") made.append(sparkline(row.spark));
  else if (name === "chip") {
    if (row.chip) made.append(Object.assign(document.createElement("span"), { className: `chip named ${row.car > 0 ? "up" : "down"}`, textContent: row.chip }));
  }
  else made.textContent = row[name] ?? "";
  if (name === "car_text") made.classList.add(row.car > 0 ? "up" : "down");
  return made;
}

function sparkline(text) {
  const values = text.split(" ").map((each_) => (each_ === "" ? NaN : Number(each_)));
  const most = Math.max(20, ...values.filter(Number.isFinite).map(Math.abs));
  const own = values.map((level, tau) => ({ tau, level }));
  const x = (at) => 2 + (at / (values.length - 1 || 1)) * 76;
  const y = (value) => 12 - (value / most) * 10;
  const svg = shape("svg", { class: "spark", viewBox: "0 0 80 24", "aria-hidden": "true" });
  svg.append(shape("line", { class: "grid", x1: 2, x2: 78, y1: 12, y2: 12 }), shape("path", { class: "level", d: line(own, "level", x, y) }));
  return svg;
}

function showList(id) {
  const { table, listed, most, heads } = lists.get(id);
  table.tBodies[0].replaceChildren(...listed.slice(0, most).map((row) => {
    const made = document.createElement("tr");
    made.dataset.target = row.target;
    made.append(...heads.map((head) => cell(head.dataset.shown, row, head.classList.contains("figure"))));
    return made;
  }));
  const box = table.closest(".events");
  box.querySelector(".further").hidden = listed.length <= most;
  const found = box.querySelector(".found");
  const { of } = lists.get(id);
  found.textContent = listed.length === of ? "" : (listed.length === 1 ? found.dataset.one : found.dataset.many).replace("{n}", listed.length).replace("{of}", of);
}

function arrange(id) {
  const state = lists.get(id);
  const wanted = state.search.toLocaleLowerCase().split(/\s+/).filter(Boolean);
  state.listed = state.all.filter((row) => wanted.every((part) => row.text.includes(part)));
  if (state.by) state.listed.sort((a, b) => state.way * compared(a[state.by] ?? "", b[state.by] ?? ""));
  showList(id);
}

function openCard(id, target) {
  const state = lists.get(id);
  const at = state.listed.findIndex((row) => row.target === target);
  if (at < 0) return null;
  if (at >= state.most) {
    state.most = at + 1;
    showList(id);
  }
  const row = [...state.table.tBodies[0].rows].find((one) => one.dataset.target === target);
  if (!row.nextElementSibling?.classList.contains("opened")) {
    const made = document.createElement("tr");
    made.className = "opened";
    const inside = Object.assign(document.createElement("td"), { colSpan: state.heads.length });
    inside.innerHTML = state.cards[state.all.indexOf(state.listed[at])];
    made.append(inside);
    row.after(made);
    row.querySelector("a").setAttribute("aria-expanded", "true");
    addSaves(inside);
    watchPanels(inside);
    watchCharts(inside);
  }
  return row.nextElementSibling;
}

function closeCard(row) {
  row.nextElementSibling.remove();
  row.querySelector("a").setAttribute("aria-expanded", "false");
}

const listsReady = loaded.then((data) => {
  each("[data-list]", (box) => {
    const id = box.dataset.list;
    const table = box.querySelector("table");
    const all = rows(data.lists[id].rows);
    for (const row of all) row.text = `${row.title} ${row.event} ${row.tickers} ${row.day}`.toLocaleLowerCase();
    const heads = [...table.querySelectorAll("th")];
    lists.set(id, { table, all, heads, cards: data.lists[id].cards, listed: all, of: all.length, most: MOST_ROWS, search: "", by: "", way: 1 });
    showList(id);
    box.querySelector("input").addEventListener("input", ({ target }) => {
      Object.assign(lists.get(id), { search: target.value, most: MOST_ROWS });
      arrange(id);
      remember(`${id}.search`, target.value);
    });
    box.querySelector(".further").addEventListener("click", () => {
      lists.get(id).most += MOST_ROWS;
      showList(id);
    });
    for (const head of heads.filter((one) => one.dataset.by)) {
      head.querySelector("button").addEventListener("click", () => {
        Object.assign(lists.get(id), { way: turn(head), by: head.dataset.by, most: MOST_ROWS });
        arrange(id);
        remember(`${id}.sort`, `${head.dataset.by} ${lists.get(id).way}`);
      });
    }
    table.addEventListener("click", (event) => {
      const link = event.target.closest("tbody > tr > td > a[aria-expanded]");
      const row = link?.closest("tr");
      if (row?.nextElementSibling?.classList.contains("opened")) {
        event.preventDefault();
        closeCard(row);
      } else if (row && link.hash === `#${location.hash.slice(1).split(";")[0]}`) openCard(id, row.dataset.target);
    });
  });
  return data;
});
