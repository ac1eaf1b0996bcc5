"use strict";
// What every other script of the page uses: its data, unpacked once, and what is saved as a file.
const byId = (id) => document.getElementById(id);
const each = (selector, work, within = document) => [...within.querySelectorAll(selector)].forEach(work);

async function unpacked(id) {
  const bytes = Uint8Array.from(atob(byId(id).textContent), (letter) => letter.charCodeAt(0));
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).text();
}

const loaded = "DecompressionStream" in window ? unpacked("report-data").then(JSON.parse) : new Promise(() => {});
if (!("DecompressionStream" in window)) {
  byId("no-charts").hidden = false;
  each(".download, .choice, .pair, .saves, .events", (found) => { found.hidden = true; });
}

// The library that draws is large and unpacked when the first chart needs it.
let library;
function drawingLibrary() {
  library ??= unpacked("report-library").then((text) => {
    const script = document.createElement("script");
    script.textContent = text;
    document.head.append(script);
    return window.vegaEmbed;
  });
  return library;
}

// Rows are packed by column; a column of repeated values holds a code per row.
function rows({ n, columns }, [first, count] = [0, n]) {
  const made = Array.from({ length: count }, () => ({}));
  for (const [name, column] of Object.entries(columns)) {
    const { values, codes } = column;
    for (let i = 0; i < count; i += 1) made[i][name] = codes ? values[codes[first + i]] : column[first + i];
  }
  return made;
}
const pathsOf = (id, { paths }) => rows(paths.rows, paths.places[id]);

// A text that a spreadsheet would take for a formula gets an apostrophe.
function quoted(value) {
  if (value === null || value === undefined) return "";
  const text = String(value);
  const safe = typeof value === "string" && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
const csv = (header, listed) => `${[header, ...listed].map((row) => row.map(quoted).join(",")).join("\n")}\n`;

function offer(name, blob) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}
const offerText = (name, text, type) => offer(name, new Blob([text], { type }));

// A drawing as PNG, at twice its size on white.
async function offerPng(name, svg, width, height) {
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
  await image.decode();
  const canvas = Object.assign(document.createElement("canvas"), { width: 2 * width, height: 2 * height });
  const context = canvas.getContext("2d");
  context.fillStyle = "#ffffff";
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(image, 0, 0, canvas.width, canvas.height);
  offer(name, await new Promise((done) => { canvas.toBlob(done, "image/png"); }));
}

// The buttons below each chart and on each card that save it.
function addSaves(within = document) {
  each(".saves:empty", (place) => {
    const [caption] = [place.closest("figcaption")?.firstChild, place.closest(".card")?.querySelector("h3")].filter(Boolean);
    place.append(...["PNG", "SVG", "CSV"].map((form) => {
      const button = Object.assign(document.createElement("button"), { type: "button", textContent: form });
      button.dataset.save = form.toLowerCase();
      const said = { form, caption: caption.textContent.trim().slice(0, 180) };
      button.setAttribute("aria-label", byId("main").dataset.saveAs.replace(/{(form|caption)}/g, (_, name) => said[name]));
      return button;
    }));
  }, within);
}
if ("DecompressionStream" in window) addSaves();

const darkness = window.matchMedia("(prefers-color-scheme: dark)");
const print = window.matchMedia("print");
