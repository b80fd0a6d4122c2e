"use strict";
// Input, reference and any two methods at full resolution: flip, slide, difference and ratio, with the regions drawn.

const loaded = new Map();

// an image as a canvas, from the page or from the folder beside it
function canvasOf(picture, name) {
  const source = picture.images[name] || picture.files[name];
  if (!source) return null;
  if (!loaded.has(source)) {
    loaded.set(source, new Promise((resolve, reject) => {
      const image = new Image();
      image.onload = () => {
        const canvas = element("canvas", { width: image.naturalWidth, height: image.naturalHeight });
        canvas.getContext("2d", { willReadFrequently: true }).drawImage(image, 0, 0);
        resolve(canvas);
      };
      image.onerror = () => reject(new Error(`There is no ${source} beside this page; usbench tables writes it.`));
      image.src = source;
    }));
  }
  return loaded.get(source);
}

function greysOf(canvas) {
  try {
    return canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
  } catch {
    throw new Error("A browser computes with pictures of the folder only where the page is served: python -m http.server");
  }
}

// a grey for each pixel of two images
function combined(first, second, look) {
  const [a, b] = [greysOf(first), greysOf(second)];
  const shown = new ImageData(first.width, first.height);
  for (let place = 0; place < a.length; place += 4) {
    const grey = look(a[place], b[place]);
    shown.data.set([grey, grey, grey, 255], place);
  }
  return shown;
}

// the outlines of regions in a colour that no grey has
function coloured(outline) {
  const made = element("canvas", { width: outline.width, height: outline.height });
  const context = made.getContext("2d");
  context.fillStyle = "rgb(255, 176, 0)";
  context.fillRect(0, 0, made.width, made.height);
  context.globalCompositeOperation = "destination-in";
  context.drawImage(outline, 0, 0);
  return made;
}

// grey of the pixel at `place` (of four numbers a pixel) for a way of looking at two images
const WAYS = {
  "first": null,
  "second": null,
  "slide": null,
  "difference (first − second, grey is none)": (a, b) => 128 + 2 * (a - b),
  "ratio (first / second, grey is 1)": (a, b) => (b < 1 ? 128 : 128 * (a / b)),
};

const compressed = (picture) => `In the page, as JPEG: ${Object.keys(picture.images).filter((name) => name !== "regions").length} of ${Object.keys(picture.files).filter((name) => name !== "regions").length}; the folder pictures beside it has all, exactly`;

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
  return Object.keys(picture.files).filter((name) => name !== "regions").sort((a, b) => place(a) - place(b) || (a < b ? -1 : 1));
}

function viewer(picture, number_, board, wanted = []) {
  const white = new Map(Object.entries(picture.white || {})); // the standard deviation that is white in a picture of it
  const ordered = orderedNames(picture, white);
  const choices = ordered.map((name) => (white.has(name) ? `${name}, 0 to ${white.get(name)}` : name));
  const titleOf = (name) => (white.has(name) ? `${name} (standard deviation: black is 0, white ${white.get(name)} of the grey range or more)` : scoresOf(board, picture.sample, name));
  const [firstLabel, first] = choose(`view-first${number_}`, "First", choices, Math.max(0, ordered.indexOf(wanted[0])), () => draw());
  const leader = board.lines.find((line) => !line.control && picture.images[line.method]);
  const [secondLabel, second] = choose(`view-second${number_}`, "Second", choices, Math.max(0, ordered.indexOf(wanted[1] || (leader && leader.method))), () => draw());
  const ways = Object.keys(WAYS);
  const [wayLabel, way] = choose(`way${number_}`, "Show", ways, 2, () => draw());
  const [zoomLabel, zoom] = choose(`zoom${number_}`, "Zoom", ["1×", "2×", "3×", "4×"], 1, () => draw());
  const slide = element("input", { type: "range", min: 0, max: 100, value: 50, "aria-label": "Where the second image begins", oninput: () => draw() });
  const regions = element("input", { type: "checkbox", onchange: () => draw() });
  const flip = element("button", { type: "button", onclick: () => { const select = wayLabel.querySelector("select"); select.value = way() === 0 ? 1 : 0; draw(); } }, "Flip");
  const canvas = element("canvas", { role: "img" });
  const said = element("p", { class: "soft", "aria-live": "polite" });

  async function draw() {
    try {
      await drawImages();
    } catch (error) {
      said.textContent = error.message;
    }
  }

  async function drawImages() {
    const [one, other] = [ordered[first()], ordered[second()]];
    const [a, b, outline] = await Promise.all([canvasOf(picture, one), canvasOf(picture, other), regions.checked ? canvasOf(picture, "regions") : null]);
    const name = ways[way()];
    const look = WAYS[name];
    const shown = look && combined(a, b, look);
    const split = { first: a.width, second: 0 }[name] ?? Math.round((slide.value / 100) * a.width);
    [canvas.width, canvas.height] = [a.width, a.height];
    const context = canvas.getContext("2d");
    if (look) context.putImageData(shown, 0, 0);
    else {
      context.drawImage(b, 0, 0);
      if (split > 0) context.drawImage(a, 0, 0, split, a.height, 0, 0, split, a.height);
      context.fillStyle = "white";
      if (split > 0 && split < a.width) context.fillRect(split, 0, 1, a.height);
    }
    if (outline) context.drawImage(coloured(outline), 0, 0);
    canvas.style.width = `${a.width * (zoom() + 1)}px`;
    canvas.style.height = `${a.height * (zoom() + 1)}px`;
    slide.disabled = name !== "slide";
    const [left, right] = [one, other].map(titleOf);
    said.textContent = { first: left, second: right, slide: `${left} on the left, ${right} on the right` }[name] || `${name.split(" ")[0]} of ${left} and ${right}`;
    canvas.setAttribute("aria-label", `Sample ${picture.sample}: ${said.textContent}`);
  }

  canvas.addEventListener("pointermove", (event) => {
    if (ways[way()] !== "slide") return;
    slide.value = Math.round((100 * event.offsetX) / canvas.clientWidth);
    draw();
  });
  draw();
  const marks = picture.files.regions ? element("label", {}, regions, " regions") : "";
  return element(
    "section", { class: "viewer", "aria-label": `Images of ${picture.sample}` }, element("h3", {}, `Images: ${picture.sample}`),
    element("p", { class: "soft" }, [picture.licence, picture.citation, compressed(picture)].filter(Boolean).join(". ")),
    element("div", { class: "controls" }, firstLabel, secondLabel, wayLabel, flip, zoomLabel, marks),
    element("div", { class: "controls" }, element("label", {}, "Slide ", slide)), said, element("div", { class: "stage", tabindex: "0", role: "region", "aria-label": `Picture of ${picture.sample}, scrolls` }, canvas),
  );
}
