"use strict";
(() => {
  const { charts, tables, config } = JSON.parse(document.getElementById("report-data").textContent);
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const drawn = new Map();

  // Panels stand side by side only as far as the page has room.
  function fitted(spec, room) {
    const own = structuredClone(spec);
    if (own.columns && own.spec) {
      own.columns = Math.max(1, Math.min(own.columns, Math.floor(room / (own.spec.width + 60))));
    }
    return own;
  }

  async function draw(place) {
    const spec = fitted(charts[place.dataset.chart], place.clientWidth);
    const mode = dark.matches && !window.matchMedia("print").matches ? "dark" : "light";
    const options = { ast: true, actions: false, renderer: "svg", config: config[mode], tooltip: { theme: mode } };
    const previous = drawn.get(place);
    if (previous) previous.finalize();
    drawn.set(place, await vegaEmbed(place, spec, options));
  }

  const places = [...document.querySelectorAll("[data-chart]")];
  const watch = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      if (entry.isIntersecting && !drawn.has(entry.target)) {
        drawn.set(entry.target, null);
        draw(entry.target);
      }
    }
  }, { rootMargin: "600px" });
  places.forEach((place) => watch.observe(place));
  dark.addEventListener("change", () => [...drawn.keys()].forEach(draw));

  const quoted = (value) => {
    if (value === null) return "";
    const text = String(value);
    const safe = typeof value === "string" && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
    return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  };
  document.addEventListener("click", (event) => {
    const button = event.target.closest(".download");
    if (!button) return;
    const { name, header, values } = tables[button.dataset.table];
    const lines = [header, ...values].map((row) => row.map(quoted).join(","));
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([lines.join("\n") + "\n"], { type: "text/csv" }));
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  });

  window.addEventListener("beforeprint", () => document.querySelectorAll("details").forEach((each) => { each.open = true; }));
  // For tests and for printing: everything drawn, whether in view or not.
  window.drawAll = () => Promise.all(places.filter((place) => !drawn.get(place)).map(draw));
})();
