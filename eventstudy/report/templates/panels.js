// The panel of each ticker on a card: its price, what the model expected, and the band of that.
const PANEL = { width: 220, height: 118, left: 30, right: 6, top: 14, bottom: 18 };
const short = new Intl.DateTimeFormat(document.documentElement.lang, { day: "numeric", month: "short", timeZone: "UTC" });

function shape(name, attributes, text) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text !== undefined) made.textContent = text;
  return made;
}

// Round numbers within a range: two to four of them.
function roundNumbers(low, high) {
  const power = 10 ** Math.floor(Math.log10((high - low) / 2 || 1e-9));
  const step = [5, 2, 1].map((by) => by * power).find((by) => Math.floor(high / by) - Math.ceil(low / by) >= 1) ?? power;
  const first = Math.ceil(low / step);
  return Array.from({ length: Math.floor(high / step) - first + 1 }, (_, at) => (first + at) * step);
}

// A line through the rows that have the field; a missing one is a gap.
function line(own, field, x, y) {
  let down = false;
  return own.map((row) => {
    const there = Number.isFinite(row[field]);
    const step = there ? `${down ? "L" : "M"}${x(row.tau).toFixed(1)},${y(row[field]).toFixed(1)}` : "";
    down = there;
    return step;
  }).join("");
}

function band(own, x, y) {
  const there = own.filter((row) => Number.isFinite(row.low) && Number.isFinite(row.high));
  const corner = (field) => (row) => `${x(row.tau).toFixed(1)},${y(row[field]).toFixed(1)}`;
  return there.length > 1 ? `M${[...there.map(corner("low")), ...there.reverse().map(corner("high"))].join("L")}Z` : "";
}

const isPrice = (listed) => listed.some((row) => row.level > 20); // 100 before the news; else a CAR
const axisText = (value, price) => (price ? `${+value.toFixed(2)}` : `${value > 0 ? "+" : value < 0 ? "\u2212" : ""}${+Math.abs(100 * value).toFixed(2)}${value ? "%" : ""}`);

function pathOf(own, [low, high], price, named) {
  const { width, height, left, right, top, bottom } = PANEL;
  const taus = own.map((row) => row.tau);
  const [from, to] = [Math.min(...taus), Math.max(...taus)];
  const x = (tau) => left + ((tau - from) / (to - from || 1)) * (width - left - right);
  const y = (value) => height - bottom - ((value - low) / (high - low || 1)) * (height - top - bottom);
  const svg = shape("svg", { viewBox: `0 0 ${width} ${height}`, "aria-hidden": "true" });
  for (const value of roundNumbers(low, high)) {
    svg.append(shape("line", { class: "grid", x1: left, x2: width - right, y1: y(value), y2: y(value) }));
    svg.append(shape("text", { class: "y", x: left - 4, y: y(value) + 3 }, axisText(value, price)));
  }
  const news = x(from < 0 ? Math.max(from, -0.5) : 0);
  svg.append(shape("path", { class: "band", d: band(own, x, y) }));
  svg.append(shape("line", { class: "news", x1: news, x2: news, y1: top - 2, y2: height - bottom }));
  if (named) svg.append(shape("text", { class: "label", x: news - 3, y: top - 3 }, byId("main").dataset.news));
  svg.append(shape("path", { class: "expected", d: line(own, "expected", x, y) }));
  if (!price) svg.append(shape("path", { class: "before", d: line(own.filter((row) => row.tau < 0), "level", x, y) }));
  const since = price ? own : own.filter((row) => row.tau >= -1);
  svg.append(shape("path", { class: "level", d: line(since, "level", x, y) }));
  const marks = new Map([[from, "start"], [Math.min(Math.max(0, from), to), "middle"], [to, "end"]]);
  for (const [tau, anchor] of marks) {
    const row = own.find((one) => one.tau === tau);
    const near = tau !== from && x(tau) - left < 40; // day 0 has no room beside the first session
    if (row?.session && !near) svg.append(shape("text", { class: "x", x: x(tau), y: height - 5, "text-anchor": anchor }, short.format(new Date(row.session))));
  }
  svg.append(shape("circle", { class: "at", r: 3, visibility: "hidden" }));
  return { svg, x, y };
}

// The panels of a card share a scale. The pointer shows the nearest session below the drawing.
function drawPanels(place, data) {
  const all = pathsOf(place.dataset.paths, data);
  const values = all.flatMap((row) => [row.level, row.low, row.high]).filter(Number.isFinite);
  const extent = [Math.min(...values), Math.max(...values)];
  const price = isPrice(all);
  each(".panel", (panel, at) => {
    const own = all.filter((row) => row.ticker === panel.dataset.ticker);
    if (!own.length) return;
    const { svg, x, y } = pathOf(own, extent, price, at === 0);
    panel.querySelector(".path").replaceChildren(svg);
    const under = panel.querySelector(".under");
    const told = under.textContent;
    svg.addEventListener("pointermove", ({ clientX }) => {
      const box = svg.getBoundingClientRect();
      const pointer = ((clientX - box.left) / box.width) * PANEL.width;
      const near = own.reduce((best, row) => (Math.abs(x(row.tau) - pointer) < Math.abs(x(best.tau) - pointer) ? row : best));
      const level = Number.isFinite(near.level) ? (price ? near.level.toFixed(1) : axisText(near.level, false)) : "";
      under.textContent = `${near.session}: ${level} · AR ${near.ar_text}${near.tau >= 0 ? ` · CAR ${near.car_text}` : ""}`;
      const there = Number.isFinite(near.level);
      const place = { visibility: there ? "visible" : "hidden", cx: there ? x(near.tau) : 0, cy: there ? y(near.level) : 0 };
      for (const [name, value] of Object.entries(place)) svg.querySelector(".at").setAttribute(name, value);
    });
    svg.addEventListener("pointerleave", () => { under.textContent = told; svg.querySelector(".at").setAttribute("visibility", "hidden"); });
  }, place);
  place.dataset.drawn = "";
}

// Panels are drawn shortly before they come into view, and the others when there is nothing else to do.
const panelsSeen = new IntersectionObserver(async (entries) => {
  const data = await loaded;
  for (const { isIntersecting, target } of entries) {
    if (isIntersecting && !("drawn" in target.dataset)) drawPanels(target, data);
  }
}, { rootMargin: "1200px" });
const watchPanels = (within = document) => each(".panels", (place) => panelsSeen.observe(place), within);
watchPanels();
const drawAllPanels = (data) => each(".panels:not([data-drawn])", (place) => drawPanels(place, data));
loaded.then((data) => (window.requestIdleCallback ?? setTimeout)(() => drawAllPanels(data)));

// A card as one drawing, with the colours written out, since a file has no style sheet of the page.
const STYLED = ["fill", "stroke", "stroke-width", "stroke-dasharray", "opacity", "font-size", "font-weight", "text-anchor"];
function cardDrawing(card) {
  const panels = [...card.querySelectorAll(".panel")].filter((panel) => panel.querySelector("svg"));
  const columns = Math.min(3, panels.length) || 1;
  const [wide, high, head] = [PANEL.width + 16, PANEL.height + 26, 44];
  const [width, height] = [columns * wide, Math.ceil(panels.length / columns) * high + head + 16];
  const made = shape("svg", { xmlns: "http://www.w3.org/2000/svg", width, height, viewBox: `0 0 ${width} ${height}`, "font-family": "Helvetica, Arial, sans-serif" });
  made.append(shape("text", { x: 4, y: 16, "font-size": 14, "font-weight": 700 }, card.querySelector("h3").textContent));
  made.append(shape("text", { x: 4, y: 32, "font-size": 11, fill: "#59616a" }, card.querySelector(".when").textContent));
  panels.forEach((panel, at) => {
    const place = shape("g", { transform: `translate(${(at % columns) * wide},${head + Math.floor(at / columns) * high})` });
    place.append(shape("text", { x: 4, y: 12, "font-size": 12, "font-weight": 700 }, panel.dataset.ticker));
    place.append(shape("text", { x: PANEL.width - 4, y: 12, "font-size": 12, "font-weight": 700, "text-anchor": "end" }, panel.querySelector(".value").textContent));
    const shown = panel.querySelector("svg");
    const copy = shown.cloneNode(true);
    const copies = [...copy.querySelectorAll("*")];
    [...shown.querySelectorAll("*")].forEach((one, index) => {
      const look = getComputedStyle(one);
      for (const name of STYLED) copies[index].setAttribute(name, look.getPropertyValue(name));
    });
    for (const [name, value] of Object.entries({ y: 18, width: PANEL.width, height: PANEL.height })) copy.setAttribute(name, value);
    place.append(copy);
    made.append(place);
  });
  made.append(shape("text", { x: 4, y: height - 5, "font-size": 9, fill: "#59616a" }, document.title));
  return { text: new XMLSerializer().serializeToString(made), width, height };
}

document.addEventListener("click", async ({ target }) => {
  const button = target.closest("[data-card] > button");
  if (!button) return;
  const [id, form] = [button.parentElement.dataset.card, button.dataset.save];
  if (form === "csv") {
    const listed = pathsOf(id, await loaded);
    const header = Object.keys(listed[0] ?? {});
    offerText(`${id}.csv`, csv(header, listed.map((row) => header.map((name) => row[name]))), "text/csv");
    return;
  }
  const { text, width, height } = cardDrawing(byId(id));
  if (form === "svg") offerText(`${id}.svg`, text, "image/svg+xml");
  else await offerPng(`${id}.png`, text, width, height);
});
