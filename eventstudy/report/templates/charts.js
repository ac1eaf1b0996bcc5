// Charts of the library: each drawn when it comes into view, anew when the theme or the width changes.
const drawn = new Map(); // place -> its view, or null while it is being drawn

// What a chart shows: the rows of what is chosen, or its own.
const shown = (place, { charts }) => charts[place.dataset.chart].choices[place.dataset.choice] ?? charts[place.dataset.chart];

// The widest drawing that the page has room for.
function drawing(chart, room, { specs }) {
  const widths = Object.keys(chart.drawings).map(Number).sort((a, b) => b - a);
  return specs[chart.drawings[widths.find((width) => width <= room + 8) ?? widths.at(-1)]];
}

function specOf(place, room, data) {
  const { datasets } = shown(place, data);
  const named = Object.fromEntries(Object.entries(datasets).map(([name, packed]) => [name, rows(packed)]));
  const base = drawing(data.charts[place.dataset.chart], room, data);
  return { ...base, description: place.getAttribute("aria-label"), datasets: { ...base.datasets, ...named } };
}

async function draw(place) {
  const [data, embed] = await Promise.all([loaded, drawingLibrary()]);
  const { description } = shown(place, data);
  if (description) place.setAttribute("aria-label", description);
  const wide = place.checkVisibility() ? place.clientWidth : byId("main").clientWidth; // what is closed has no width
  const room = print.matches && place.dataset.room ? Number(place.dataset.room) : wide; // pages are counted already
  const mode = darkness.matches && !print.matches ? "dark" : "light";
  const options = { ast: true, actions: false, renderer: "svg", config: data.config[mode], tooltip: { theme: mode } };
  const previous = drawn.get(place);
  const kept = previous && chosen(place, previous.view);
  if (previous) previous.finalize();
  drawn.set(place, null);
  const result = await embed(place, specOf(place, room, data), options);
  // To who cannot see it the table says more than a thousand labelled marks.
  place.querySelector("svg").setAttribute("aria-hidden", "true");
  if (kept) await restore(place, result.view, kept);
  else recall(place);
  drawn.set(place, result);
  place.dataset.room = room;
}

// What the reader has chosen in a chart: its selects, the tickers of its legend, and where the focus is.
const CHOSEN = ["window", "one_ticker"];
function chosen(place, view) {
  const { signals, data } = view.getState({ signals: (name) => CHOSEN.includes(name), data: (name) => name === "legend_store" });
  return { signals, data, focus: [...place.querySelectorAll("select")].indexOf(document.activeElement) };
}
async function restore(place, view, { signals, data, focus }) {
  await view.setState({ signals, data }).runAsync();
  if (focus >= 0) place.querySelectorAll("select")[focus]?.focus({ preventScroll: true });
}

const chartsSeen = new IntersectionObserver((entries) => {
  for (const { isIntersecting, target } of entries) {
    if (isIntersecting && !drawn.has(target)) draw(target);
  }
}, { rootMargin: "600px" });
const watchCharts = (within = document) => each("[data-chart]", (place) => chartsSeen.observe(place), within);
watchCharts();

// What is not in view is drawn when there is nothing else to do, so that it is there in print.
const idle = window.requestIdleCallback ?? ((work) => setTimeout(work, 50));
function drawNext() {
  const place = [...document.querySelectorAll("[data-chart]")].find((one) => one.checkVisibility() && !drawn.has(one));
  if (place) idle(() => draw(place).then(drawNext));
}
window.addEventListener("load", () => setTimeout(() => idle(drawNext), 1500));

const again = () => [...drawn.keys()].forEach(draw);
darkness.addEventListener("change", again);
print.addEventListener("change", () => { if (darkness.matches) again(); });
let settled;
window.addEventListener("resize", () => {
  clearTimeout(settled);
  settled = setTimeout(async () => {
    if (print.matches) return;
    const data = await loaded;
    for (const place of drawn.keys()) {
      const chart = data.charts[place.dataset.chart];
      if (place.checkVisibility() && drawing(chart, place.clientWidth, data) !== drawing(chart, Number(place.dataset.room), data)) draw(place);
    }
  }, 200);
});

// A chart as a file: in light colours on white, with its caption above and the study below.
function wrapped(text, most) {
  return text.split(" ").reduce((lines, word) => {
    const last = lines.at(-1);
    return last !== undefined && last.length + word.length < most ? [...lines.slice(0, -1), `${last} ${word}`] : [...lines, word];
  }, []);
}
async function saveChart(id, form) {
  const place = byId(`chart-${id}`);
  const data = await loaded;
  if (form === "csv") {
    const sets = Object.values(shown(place, data).datasets).map((each) => rows(each));
    const listed = sets.reduce((most, one) => (one.length > most.length ? one : most));
    const header = [...new Set(listed.flatMap(Object.keys))];
    offerText(`${id}.csv`, csv(header, listed.map((row) => header.map((name) => row[name]))), "text/csv");
    return;
  }
  const embed = await drawingLibrary();
  const spec = specOf(place, Number(place.dataset.room) || 720, data);
  const caption = place.closest("figure").querySelector("figcaption").firstChild.textContent.trim();
  const letters = Math.max(40, Math.round((Number(place.dataset.room) || 720) / 7));
  spec.title ??= { text: wrapped(caption, letters), subtitle: document.title, fontSize: 12, fontWeight: "normal", anchor: "start" };
  const off = document.createElement("div");
  const { view, finalize } = await embed(off, { ...spec, background: "#ffffff" }, { ast: true, actions: false, renderer: "svg", config: data.config.light });
  if (form === "svg") offerText(`${id}.svg`, await view.toSVG(), "image/svg+xml");
  else offer(`${id}.png`, await (await view.toCanvas(2)).convertToBlob?.() ?? await new Promise((done) => { view.toCanvas(2).then((canvas) => canvas.toBlob(done, "image/png")); }));
  finalize();
}
document.addEventListener("click", ({ target }) => {
  const button = target.closest("[data-of] > button");
  if (button) saveChart(button.parentElement.dataset.of, button.dataset.save);
});
