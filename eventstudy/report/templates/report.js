"use strict";
(() => {
  const { specs, charts, tables, config } = JSON.parse(document.getElementById("report-data").textContent);
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const print = window.matchMedia("print");
  const drawn = new Map(); // place -> its view, or null while it is being drawn

  // Rows are packed by column; a column of repeated texts holds a code per row.
  function rows({ n, columns }) {
    const made = Array.from({ length: n }, () => ({}));
    for (const [name, column] of Object.entries(columns)) {
      const { texts, codes } = column;
      for (let i = 0; i < n; i += 1) made[i][name] = texts ? texts[codes[i]] : column[i];
    }
    return made;
  }

  // The widest drawing that the page has room for.
  function drawing(chart, room) {
    const widths = Object.keys(chart.drawings).map(Number).sort((a, b) => b - a);
    return specs[chart.drawings[widths.find((width) => width <= room + 8) ?? widths.at(-1)]];
  }

  async function draw(place) {
    const chart = charts[place.dataset.chart];
    const datasets = chart.choices[place.dataset.choice] ?? chart.datasets;
    const named = Object.fromEntries(Object.entries(datasets).map(([name, packed]) => [name, rows(packed)]));
    const base = drawing(chart, place.clientWidth);
    const spec = { ...base, description: place.getAttribute("aria-label"), datasets: { ...base.datasets, ...named } };
    const mode = dark.matches && !print.matches ? "dark" : "light";
    const options = { ast: true, actions: false, renderer: "svg", config: config[mode], tooltip: { theme: mode } };
    const previous = drawn.get(place);
    if (previous) previous.finalize();
    drawn.set(place, null);
    const result = await vegaEmbed(place, spec, options);
    drawn.set(place, result);
    place.dataset.room = place.clientWidth;
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
  window.addEventListener("load", () => idle(drawNext));

  const again = () => [...drawn.keys()].forEach(draw);
  dark.addEventListener("change", again);
  print.addEventListener("change", () => { if (dark.matches) again(); });
  let settled;
  window.addEventListener("resize", () => {
    clearTimeout(settled);
    settled = setTimeout(() => {
      for (const place of drawn.keys()) {
        const chart = charts[place.dataset.chart];
        if (drawing(chart, place.clientWidth) !== drawing(chart, Number(place.dataset.room))) draw(place);
      }
    }, 200);
  });

  document.addEventListener("change", ({ target }) => {
    if (target.dataset.for) {
      const place = document.getElementById(`chart-${target.dataset.for}`);
      place.dataset.choice = target.value;
      draw(place);
    }
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
    if (name) {
      place.dataset.choice = name;
      draw(place);
    }
  }
  document.querySelectorAll("form.pair").forEach((form) => {
    form.addEventListener("submit", (event) => event.preventDefault());
    choose(form);
  });

  // A text that a spreadsheet would take for a formula gets an apostrophe.
  const quoted = (value) => {
    if (value === null) return "";
    const text = String(value);
    const safe = typeof value === "string" && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
    return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  };
  document.addEventListener("click", ({ target }) => {
    const button = target.closest(".download");
    if (!button) return;
    const { name, header, values } = tables[button.dataset.table];
    const lines = [header, ...values].map((row) => row.map(quoted).join(","));
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([`${lines.join("\n")}\n`], { type: "text/csv" }));
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  });

  const folded = () => document.querySelectorAll("main details:not([open])");
  let opened = [];
  window.addEventListener("beforeprint", () => { opened = [...folded()]; opened.forEach((each) => { each.open = true; }); });
  window.addEventListener("afterprint", () => { opened.forEach((each) => { each.open = false; }); });

  // For tests and for printing: everything drawn, whether in view or not.
  window.drawAll = () => Promise.all(places.filter((place) => !drawn.get(place)).map(draw));
})();
