"use strict";
const started = (async () => {
  async function unpacked(id) {
    const bytes = Uint8Array.from(atob(document.getElementById(id).textContent), (letter) => letter.charCodeAt(0));
    return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).text();
  }
  if (!("DecompressionStream" in window)) {
    document.getElementById("no-charts").hidden = false;
    document.querySelectorAll(".download, .choice, .pair").forEach((each) => { each.hidden = true; });
    return () => {};
  }
  const [library, data] = await Promise.all(["report-library", "report-data"].map(unpacked));
  const { specs, pools, charts, tables, config } = JSON.parse(data);
  const script = document.createElement("script");
  script.textContent = library;
  document.head.append(script);
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const print = window.matchMedia("print");
  const drawn = new Map(); // place -> its view, or null while it is being drawn

  // Rows are packed by column; a column of repeated values holds a code per row.
  function rows({ n, columns }) {
    const made = Array.from({ length: n }, () => ({}));
    for (const [name, column] of Object.entries(columns)) {
      const { values, codes } = column;
      for (let i = 0; i < n; i += 1) made[i][name] = codes ? values[codes[i]] : column[i];
    }
    return made;
  }

  // What a chart shows: the rows of what is chosen, or its own.
  const shown = (place) => {
    const chart = charts[place.dataset.chart];
    return chart.choices[place.dataset.choice] ?? chart;
  };

  // The widest drawing that the page has room for.
  function drawing(chart, room) {
    const widths = Object.keys(chart.drawings).map(Number).sort((a, b) => b - a);
    return specs[chart.drawings[widths.find((width) => width <= room + 8) ?? widths.at(-1)]];
  }

  async function draw(place) {
    const chart = charts[place.dataset.chart];
    const { datasets, description } = shown(place);
    if (description) place.setAttribute("aria-label", description);
    const named = Object.fromEntries(Object.entries(datasets).map(([name, packed]) => [name, rows(packed)]));
    const room = print.matches && place.dataset.room ? Number(place.dataset.room) : place.clientWidth; // pages are counted already
    const base = drawing(chart, room);
    const spec = { ...base, description: place.getAttribute("aria-label"), datasets: { ...base.datasets, ...named } };
    const mode = dark.matches && !print.matches ? "dark" : "light";
    const options = { ast: true, actions: false, renderer: "svg", config: config[mode], tooltip: { theme: mode } };
    const previous = drawn.get(place);
    const kept = previous && chosen(place, previous.view);
    if (previous) previous.finalize();
    drawn.set(place, null);
    const result = await vegaEmbed(place, spec, options);
    // To who cannot see it the table says more than a thousand labelled marks.
    place.querySelector("svg").setAttribute("aria-hidden", "true");
    if (kept) await restore(place, result.view, kept);
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

  const places = [...document.querySelectorAll("[data-chart]")];
  const watch = new IntersectionObserver((entries) => {
    for (const { isIntersecting, target } of entries) {
      if (isIntersecting && !drawn.has(target)) draw(target);
    }
  }, { rootMargin: "600px" });
  places.forEach((place) => watch.observe(place));

  // What is not in view is drawn when there is nothing else to do, so that it is there in print.
  const idle = window.requestIdleCallback ?? ((work) => setTimeout(work, 50));
  function drawNext() {
    const place = places.find((each) => !drawn.has(each));
    if (place) idle(() => draw(place).then(drawNext));
  }
  idle(drawNext);

  const again = () => [...drawn.keys()].forEach(draw);
  dark.addEventListener("change", again);
  print.addEventListener("change", () => { if (dark.matches) again(); });
  let settled;
  window.addEventListener("resize", () => {
    clearTimeout(settled);
    settled = setTimeout(() => {
      if (print.matches) return;
      for (const place of drawn.keys()) {
        const chart = charts[place.dataset.chart];
        if (drawing(chart, place.clientWidth) !== drawing(chart, Number(place.dataset.room))) draw(place);
      }
    }, 200);
  });

  function choice(place, name) {
    place.dataset.choice = name;
    fill(place);
    return draw(place);
  }

  // The table below a chart that has choices: the rows of what is chosen.
  function fill(place) {
    for (const table of document.querySelectorAll("table[data-chosen]")) {
      const { figure, dataset } = tables[table.dataset.chosen];
      if (figure !== place.dataset.chart) continue;
      const fields = [...table.querySelectorAll("th")].map((each) => each.dataset.fields);
      table.tBodies[0].replaceChildren(...rows(shown(place).datasets[dataset]).map((row) => {
        const line = document.createElement("tr");
        line.append(...fields.map((field) => Object.assign(document.createElement("td"), { textContent: row[field] })));
        return line;
      }));
    }
  }
  places.forEach(fill);

  document.addEventListener("change", ({ target }) => {
    if (target.dataset.for) choice(document.getElementById(`chart-${target.dataset.for}`), target.value);
    const form = target.closest("form.pair");
    if (form) choose(form);
  });

  // Of a table of pairs, the rows of the two that are chosen.
  function choose(form) {
    const [one, other] = [...form.querySelectorAll("select")].map((select) => select.value);
    let shown = 0;
    for (const row of document.querySelectorAll(`#table-${form.dataset.table} tbody tr`)) {
      const { a, b } = row.dataset;
      row.hidden = !((a === one && b === other) || (a === other && b === one));
      shown += row.hidden ? 0 : 1;
    }
    form.querySelector(".none").hidden = shown > 0;
    const place = document.getElementById(`chart-${form.dataset.table}`);
    const name = [`${one} - ${other}`, `${other} - ${one}`].find((each) => place && each in charts[place.dataset.chart].choices);
    if (place) place.closest("figure").hidden = !name;
    if (name) choice(place, name);
  }
  document.querySelectorAll("form.pair").forEach((form) => {
    form.addEventListener("submit", (event) => event.preventDefault());
    choose(form);
  });

  // A text that a spreadsheet would take for a formula gets an apostrophe.
  const quoted = (value) => {
    if (value === null || value === undefined) return "";
    const text = String(value);
    const safe = typeof value === "string" && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
    return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  };
  function download({ name, pool, at, figure, dataset, header }) {
    if (!figure) return { name, header: pools[pool].header, listed: at.map((place) => pools[pool].rows[place]) };
    const chosen = rows(shown(document.getElementById(`chart-${figure}`)).datasets[dataset]);
    return { name, header, listed: chosen.map((row) => header.map((field) => row[field])) };
  }
  document.addEventListener("click", ({ target }) => {
    const button = target.closest(".download");
    if (!button) return;
    const { name, header, listed } = download(tables[button.dataset.table]);
    const lines = [header, ...listed].map((row) => row.map(quoted).join(","));
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([`${lines.join("\n")}\n`], { type: "text/csv" }));
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  });

  return () => Promise.all(places.filter((place) => !drawn.get(place)).map(draw));
})();

// For tests and for printing: everything drawn, whether in view or not.
window.drawAll = async () => (await started)();
