"use strict";
// Input, reference and any two methods at full resolution: flip, slide, difference and ratio, with the regions drawn.

const decoded = new Map();
function pixelsOf(uri) {
  if (!decoded.has(uri)) {
    decoded.set(uri, new Promise((resolve, reject) => {
      const image = new Image();
      image.onload = () => {
        const canvas = element("canvas", { width: image.naturalWidth, height: image.naturalHeight });
        const context = canvas.getContext("2d", { willReadFrequently: true });
        context.drawImage(image, 0, 0);
        resolve(context.getImageData(0, 0, canvas.width, canvas.height));
      };
      image.onerror = reject;
      image.src = uri;
    }));
  }
  return decoded.get(uri);
}

// grey of the pixel at `place` (of four numbers a pixel) for a way of looking at two images
const WAYS = {
  "first": (a) => a,
  "second": (a, b) => b,
  "slide": null,
  "difference (first − second, grey is none)": (a, b) => 128 + 2 * (a - b),
  "ratio (first / second, grey is 1)": (a, b) => (b < 1 ? 128 : 128 * (a / b)),
};

function viewersOf(board) {
  return DATA.pictures.filter((picture) => picture.dataset === board.dataset && picture.split === board.split).map((picture, number_) => viewer(picture, number_, board));
}

// the first two metrics of the board on the sample, as far as the page has them
function scoresOf(board, sample, name) {
  const values = board.values;
  const line = values ? values.lines.findIndex(([method, tuning]) => method === (name === "input" ? "identity" : name) && !tuning) : -1;
  const column = values ? values.samples.indexOf(sample) : -1;
  if (line < 0 || column < 0) return name;
  const metrics = board.metrics.filter((metric) => values.metrics[metric.name]).slice(0, 2);
  const told = metrics.map((metric) => `${metric.name} ${number(values.metrics[metric.name][line][column])}${metric.unit ? ` ${metric.unit}` : ""}`);
  return told.length ? `${name} (${told.join(", ")})` : name;
}

// input and reference first, then methods, then their uncertainties
function orderedNames(picture, white) {
  const place = (name) => (name === "input" ? 0 : name === "reference" ? 1 : white.has(name) ? 3 : 2);
  return Object.keys(picture.images).filter((name) => name !== "regions").sort((a, b) => place(a) - place(b) || (a < b ? -1 : 1));
}

function viewer(picture, number_, board) {
  const white = new Map(Object.entries(picture.white || {})); // the standard deviation that is white in a picture of it
  const ordered = orderedNames(picture, white);
  const choices = ordered.map((name) => (white.has(name) ? `${name}, 0 to ${white.get(name)}` : name));
  const titleOf = (name) => (white.has(name) ? `${name} (standard deviation: black is 0, white ${white.get(name)} of the grey range or more)` : scoresOf(board, picture.sample, name));
  const [firstLabel, first] = choose(`view-first${number_}`, "First", choices, 0, () => draw());
  const leader = board.lines.find((line) => !line.control && ordered.includes(line.method));
  const [secondLabel, second] = choose(`view-second${number_}`, "Second", choices, leader ? ordered.indexOf(leader.method) : 0, () => draw());
  const ways = Object.keys(WAYS);
  const [wayLabel, way] = choose(`way${number_}`, "Show", ways, 2, () => draw());
  const [zoomLabel, zoom] = choose(`zoom${number_}`, "Zoom", ["1×", "2×", "3×", "4×"], 1, () => draw());
  const slide = element("input", { type: "range", min: 0, max: 100, value: 50, "aria-label": "Where the second image begins", oninput: () => draw() });
  const regions = element("input", { type: "checkbox", onchange: () => draw() });
  const flip = element("button", { type: "button", onclick: () => { const select = wayLabel.querySelector("select"); select.value = way() === 0 ? 1 : 0; draw(); } }, "Flip");
  const canvas = element("canvas", { role: "img" });
  const said = element("p", { class: "soft", "aria-live": "polite" });

  async function draw() {
    const [one, other] = [ordered[first()], ordered[second()]];
    const [a, b, outline] = await Promise.all([picture.images[one], picture.images[other], picture.images.regions].map((uri) => (uri ? pixelsOf(uri) : null)));
    const name = ways[way()];
    const look = WAYS[name];
    const split = Math.round((slide.value / 100) * a.width);
    const shown = new ImageData(a.width, a.height);
    for (let place = 0; place < a.data.length; place += 4) {
      const grey = look ? look(a.data[place], b.data[place]) : (place / 4) % a.width < split ? a.data[place] : b.data[place];
      const marked = regions.checked && outline && outline.data[place + 3] > 0;
      shown.data[place] = marked ? 255 : grey;
      shown.data[place + 1] = marked ? 176 : grey;
      shown.data[place + 2] = marked ? 0 : grey;
      shown.data[place + 3] = 255;
    }
    if (!look && split > 0 && split < a.width) {
      for (let row = 0; row < a.height; row += 1) shown.data.set([255, 255, 255, 255], 4 * (row * a.width + split));
    }
    [canvas.width, canvas.height] = [a.width, a.height];
    canvas.getContext("2d").putImageData(shown, 0, 0);
    canvas.style.width = `${a.width * (zoom() + 1)}px`;
    canvas.style.height = `${a.height * (zoom() + 1)}px`;
    slide.disabled = Boolean(look);
    const [left, right] = [one, other].map(titleOf);
    said.textContent = look ? { first: left, second: right }[name] || `${name.split(" ")[0]} of ${left} and ${right}` : `${left} on the left, ${right} on the right`;
    canvas.setAttribute("aria-label", `Sample ${picture.sample}: ${said.textContent}`);
  }

  canvas.addEventListener("pointermove", (event) => {
    if (WAYS[ways[way()]] !== null) return;
    slide.value = Math.round((100 * event.offsetX) / canvas.clientWidth);
    draw();
  });
  draw();
  const marks = picture.images.regions ? element("label", {}, regions, " regions") : "";
  return element(
    "section", { class: "viewer", "aria-label": `Images of ${picture.sample}` }, element("h3", {}, `Images: ${picture.sample}`),
    element("p", { class: "soft" }, `${picture.licence}. ${picture.citation}`),
    element("div", { class: "controls" }, firstLabel, secondLabel, wayLabel, flip, zoomLabel, marks),
    element("div", { class: "controls" }, element("label", {}, "Slide ", slide)), said, element("div", { class: "stage", tabindex: "0" }, canvas),
  );
}
