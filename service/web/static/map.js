"use strict";
// Puts a better map in place of the one the server drew: equal areas, zoom, the days before, and words for every country.
// Without the libraries, or when the data cannot be had, the server's map stays.
(() => {
  const SVG = "http://www.w3.org/2000/svg";
  const WIDTH = 3600, MOST_ZOOM = 8, PLAY_EVERY = 350, RADIUS = 14, ABOVE = 26, HEAD = 45, BEND = 0.18, ARC_FROM = 20;
  const SIGNS = { up: "▲", down: "▼", steady: "" };
  const WORDS = { up: "rising", down: "falling", steady: "steady" };
  const KEYS = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };
  const calm = matchMedia("(prefers-reduced-motion: reduce)");

  function element(name, attributes = {}, ...children) {
    const made = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.append(...children);
    return made;
  }

  function button(label, text, act) {
    const made = document.createElement("button");
    made.type = "button";
    made.className = "plain";
    made.setAttribute("aria-label", label);
    made.textContent = text;
    made.addEventListener("click", act);
    return made;
  }

  async function json(address) {
    const answer = await fetch(address, { credentials: "same-origin" });
    if (!answer.ok) throw new Error(`${address}: ${answer.status}`);
    return answer.json();
  }

  function dataOf(box) {
    const block = document.getElementById(box.dataset.block || "world-data");
    return box.dataset.url ? json(box.dataset.url) : JSON.parse(block.textContent);
  }

  class WorldMap {
    constructor(box, data, atlas) {
      Object.assign(this, { box, data, day: data.days.length - 1, zoom: 1, marks: new Map() });
      const countries = topojson.feature(atlas, atlas.objects.countries).features;
      this.projection = d3.geoEqualEarth().fitWidth(WIDTH, { type: "Sphere" });
      this.path = d3.geoPath(this.projection);
      this.height = Math.ceil(this.path.bounds({ type: "Sphere" })[1][1]);
      this.draw(countries);
      this.addControls();
      this.addSlider();
      this.listen();
      this.show(this.day);
      this.view(WIDTH / 2, this.height / 2, 1);
      box.dataset.drawn = "script";
    }

    // --- what is drawn once

    draw(countries) {
      const old = this.box.querySelector("svg");
      const definitions = old.querySelector("defs");
      this.svg = element("svg", { role: "application", "aria-label": "Map of the world. Arrow keys move between countries, plus and minus zoom, Escape resets.", tabindex: "-1" });
      this.svg.append(definitions);
      this.svg.append(element("path", { class: "sphere", d: this.path({ type: "Sphere" }) }));
      this.svg.append(element("path", { class: "graticule", d: this.path(d3.geoGraticule().step([30, 30])()) }));
      const shaped = new Set(this.data.shapes);
      countries.forEach((country, n) => this.addShape(this.data.shapes[n], country));
      for (const subject of Object.keys(this.data.levels)) {
        if (this.data.points[subject] && !shaped.has(subject)) this.addDot(subject);
      }
      this.svg.append(element("path", { class: "disputed", d: this.path({ type: "MultiLineString", coordinates: this.data.disputed }) || "" }));
      for (const arc of this.data.arcs) this.addArc(arc);
      this.signs = this.svg.appendChild(element("g", { "aria-hidden": "true" }));
      this.tip = document.createElement("div");
      this.tip.className = "tip";
      this.tip.hidden = true;
      this.tip.setAttribute("aria-hidden", "true"); // the same words are the name of what has the focus
      old.replaceWith(this.svg);
      this.box.append(this.tip);
    }

    addShape(subject, country) {
      const d = this.path(country);
      if (!d) return;
      const shape = element("path", { class: "country", d });
      if (!subject) shape.append(element("title", {}, country.properties.name));
      this.svg.append(shape);
      const point = this.data.points[subject];
      this.mark(subject, shape, point ? this.projection(point) : this.path.centroid(country), country.properties.name);
    }

    addDot(subject) {
      const [cx, cy] = this.projection(this.data.points[subject]);
      const dot = element("circle", { class: "country dot", cx, cy, r: RADIUS });
      this.svg.append(dot);
      this.mark(subject, dot, [cx, cy], subject);
    }

    addArc(arc) {
      const [[x0, y0], [x1, y1]] = [arc.start, arc.end].map((code) => this.projection(this.data.points[`country:${code}`]));
      const bent = [(x0 + x1) / 2 + BEND * (y1 - y0), (y0 + y1) / 2 - BEND * (x1 - x0)];
      const line = element("path", { class: "arc", d: `M${x0} ${y0}Q${bent} ${x1} ${y1}` });
      this.svg.append(line);
      this.mark(arc.subject, line, [(x0 + x1 + 2 * bent[0]) / 4, (y0 + y1 + 2 * bent[1]) / 4], `${arc.start}-${arc.end}`, arc);
    }

    mark(subject, node, at, name, arc = null) {
      if (!subject) return;
      node.dataset.subject = subject;
      this.marks.set(subject, { subject, node, at, arc, name: this.data.names[subject] || name });
    }

    // --- what a day changes

    reading(subject, day) {
      const now = this.data.now[subject];
      if (now && day === this.data.days.length - 1) return { level: now[0], band: now[1], direction: now[2] };
      const levels = this.data.levels[subject];
      const level = levels ? levels[day] : null;
      if (level === null || level === undefined) return null;
      const before = day > 0 ? levels[day - 1] : null;
      const change = before === null ? 0 : level - before;
      const direction = Math.abs(change) < this.data.step ? "steady" : change > 0 ? "up" : "down";
      return { level, direction, band: this.data.bands[Math.min(4, Math.floor(level / 20))] };
    }

    show(day) {
      this.day = day;
      this.signs.replaceChildren();
      for (const mark of this.marks.values()) {
        mark.reading = this.reading(mark.subject, day);
        if (mark.arc) this.showArc(mark);
        else this.showCountry(mark);
      }
      this.chooseStop();
      this.showTip(document.activeElement);
    }

    showCountry({ node, reading, name, at }) {
      const kind = node.tagName === "circle" ? "country dot" : "country";
      const band = reading ? reading.band : "none";
      node.setAttribute("class", `${kind} band-${band}${reading ? "" : " fill-none"}`);
      if (reading) node.setAttribute("fill", `url(#band-${band})`);
      this.name(node, name, reading);
      if (reading && SIGNS[reading.direction]) {
        this.signs.append(element("text", { class: `glyph ${reading.direction}`, x: at[0], y: at[1] - ABOVE }, SIGNS[reading.direction]));
      }
    }

    showArc({ node, reading, name, arc }) {
      const isShown = reading !== null && reading.level >= ARC_FROM;
      node.toggleAttribute("hidden", !isShown);
      if (!isShown) return;
      node.setAttribute("class", `arc ${reading.band} ${reading.direction}`);
      node.setAttribute("marker-end", `url(#arrow-${reading.direction})`);
      if (arc.mutual) node.setAttribute("marker-start", `url(#arrow-${reading.direction})`);
      this.name(node, name, reading);
    }

    name(node, name, reading) {
      const words = reading ? `${name}: level ${reading.level}, ${reading.band}, ${WORDS[reading.direction]}` : `${name}: no reading`;
      node.setAttribute("role", this.data.links[node.dataset.subject] ? "link" : "img");
      node.setAttribute("aria-label", words);
    }

    // --- keys: one stop for the Tab key, arrows move between countries and arcs that have a reading

    stops() {
      return [...this.marks.values()].filter((m) => m.reading && !m.node.hasAttribute("hidden"));
    }

    chooseStop() {
      const stops = this.stops();
      const kept = stops.find((m) => m.node === this.stop) || stops.reduce((a, b) => (a && a.reading.level >= b.reading.level ? a : b), null);
      for (const mark of this.marks.values()) mark.node.setAttribute("tabindex", "-1");
      this.stopAt(kept ? kept.node : null);
    }

    stopAt(node) {
      if (this.stop) this.stop.setAttribute("tabindex", "-1");
      this.stop = node;
      if (node) node.setAttribute("tabindex", "0");
    }

    // The nearest in a direction; what lies aside counts as twice as far.
    neighbour([across, down]) {
      const here = this.marks.get(this.stop.dataset.subject).at;
      let best = null, least = Infinity;
      for (const mark of this.stops()) {
        const dx = mark.at[0] - here[0], dy = mark.at[1] - here[1];
        const along = dx * across + dy * down, aside = Math.abs(dx * down) + Math.abs(dy * across);
        if (mark.node !== this.stop && along > 0 && along + 2 * aside < least) [best, least] = [mark, along + 2 * aside];
      }
      return best;
    }

    onKey(event) {
      if (event.ctrlKey || event.metaKey || event.altKey || !this.stop) return;
      const act = {
        "+": () => this.zoomBy(1.6), "=": () => this.zoomBy(1.6), "-": () => this.zoomBy(1 / 1.6),
        Escape: () => this.reset(), Enter: () => this.follow(document.activeElement),
      }[event.key];
      if (act) act();
      else if (event.key in KEYS) this.go(this.neighbour(KEYS[event.key]));
      else return;
      event.preventDefault();
    }

    go(mark) {
      if (!mark) return;
      this.stopAt(mark.node);
      if (this.zoom > 1) this.view(...mark.at, this.zoom);
      this.stop.focus({ preventScroll: true });
    }

    follow(node) {
      const address = node && this.data.links[node.dataset.subject];
      if (address) location.assign(address);
    }

    // --- tooltip, for pointers and for the focus

    listen() {
      const subjectOf = (target) => (target.dataset && target.dataset.subject ? target : null);
      this.svg.addEventListener("pointerover", (event) => this.showTip(subjectOf(event.target)));
      this.svg.addEventListener("pointerleave", () => this.showTip(document.activeElement));
      this.svg.addEventListener("focusin", (event) => {
        const node = subjectOf(event.target);
        if (node && this.marks.get(node.dataset.subject).reading) this.stopAt(node);
        this.showTip(node);
      });
      this.svg.addEventListener("focusout", () => this.showTip(null));
      this.svg.addEventListener("keydown", (event) => this.onKey(event));
      this.svg.addEventListener("click", (event) => !this.dragged && this.follow(subjectOf(event.target)));
      this.listenToDragging();
    }

    showTip(node) {
      const mark = node && node.dataset ? this.marks.get(node.dataset.subject) : null;
      this.tip.hidden = !mark;
      if (!mark) return;
      this.tip.textContent = mark.node.getAttribute("aria-label");
      const scale = this.svg.clientWidth / (WIDTH / this.zoom);
      const x = (mark.at[0] - this.left) * scale, y = (mark.at[1] - this.top) * scale;
      const room = this.box.clientWidth - this.tip.offsetWidth - 8;
      this.tip.style.left = `${Math.max(8, Math.min(room, x + 12))}px`;
      this.tip.style.top = `${Math.max(8, Math.min(this.box.clientHeight - this.tip.offsetHeight - 8, y + 12))}px`;
    }

    // --- view

    view(x, y, zoom) {
      this.zoom = Math.min(MOST_ZOOM, Math.max(1, zoom));
      const width = WIDTH / this.zoom, height = this.height / this.zoom;
      this.left = Math.max(0, Math.min(WIDTH - width, x - width / 2));
      this.top = Math.max(0, Math.min(this.height - height, y - height / 2));
      this.svg.setAttribute("viewBox", `${this.left} ${this.top} ${width} ${height}`);
      this.svg.style.setProperty("--zoom", this.zoom);
      for (const head of this.svg.querySelectorAll("marker")) {
        head.setAttribute("markerWidth", HEAD / this.zoom);
        head.setAttribute("markerHeight", HEAD / this.zoom);
      }
      for (const dot of this.svg.querySelectorAll("circle")) dot.setAttribute("r", RADIUS / Math.sqrt(this.zoom));
      this.showTip(document.activeElement);
    }

    middle() {
      return [this.left + WIDTH / this.zoom / 2, this.top + this.height / this.zoom / 2];
    }

    zoomBy(factor) {
      const focused = this.svg.contains(document.activeElement) && this.marks.get(document.activeElement.dataset.subject);
      this.view(...(focused ? focused.at : this.middle()), this.zoom * factor);
    }

    reset() {
      this.view(WIDTH / 2, this.height / 2, 1);
    }

    listenToDragging() {
      let from = null;
      this.svg.addEventListener("pointerdown", (event) => {
        this.dragged = false;
        if (this.zoom > 1 && event.button === 0) from = { x: event.clientX, y: event.clientY, middle: this.middle() };
      });
      addEventListener("pointermove", (event) => {
        if (!from) return;
        const scale = WIDTH / this.zoom / this.svg.clientWidth;
        const dx = event.clientX - from.x, dy = event.clientY - from.y;
        this.dragged = this.dragged || Math.hypot(dx, dy) > 4;
        this.view(from.middle[0] - dx * scale, from.middle[1] - dy * scale, this.zoom);
      });
      addEventListener("pointerup", () => { from = null; });
    }

    addControls() {
      const controls = document.createElement("div");
      controls.className = "controls";
      controls.append(
        button("Zoom in", "+", () => this.zoomBy(1.6)),
        button("Zoom out", "−", () => this.zoomBy(1 / 1.6)),
        button("Show all", "⤢", () => this.reset()),
      );
      this.box.append(controls);
    }

    // --- days

    addSlider() {
      const last = this.data.days.length - 1;
      if (last < 1) return;
      const row = document.createElement("div");
      row.className = "slider";
      const label = document.createElement("label");
      const slider = document.createElement("input");
      const output = document.createElement("output");
      Object.assign(slider, { type: "range", min: 0, max: last, value: last, id: `${this.box.id || "map"}-day` });
      Object.assign(label, { htmlFor: slider.id, textContent: "Day" });
      output.htmlFor = slider.id;
      const tell = () => {
        const day = this.data.days[slider.value];
        output.textContent = day;
        slider.setAttribute("aria-valuetext", day);
        this.show(Number(slider.value));
      };
      slider.addEventListener("input", () => { this.pause(); tell(); });
      this.play = button("Play the days", "▶", () => (this.timer ? this.pause() : this.start(slider, tell)));
      this.play.hidden = calm.matches;
      calm.addEventListener("change", () => { this.pause(); this.play.hidden = calm.matches; });
      row.append(this.play, label, slider, output);
      this.box.after(row);
      tell();
    }

    start(slider, tell) {
      if (Number(slider.value) === Number(slider.max)) slider.value = 0;
      this.play.textContent = "⏸";
      this.play.setAttribute("aria-label", "Pause");
      this.timer = setInterval(() => {
        if (!this.box.isConnected || Number(slider.value) === Number(slider.max)) return this.pause();
        slider.value = Number(slider.value) + 1;
        return tell();
      }, PLAY_EVERY);
    }

    pause() {
      clearInterval(this.timer);
      this.timer = null;
      this.play.textContent = "▶";
      this.play.setAttribute("aria-label", "Play the days");
    }
  }

  async function begin(box) {
    if (!window.d3 || !d3.geoEqualEarth || !window.topojson || !box.dataset.atlas) return;
    try {
      const [data, atlas] = await Promise.all([dataOf(box), json(box.dataset.atlas)]);
      box.map = new WorldMap(box, data, atlas);
    } catch (error) {
      console.warn("The map stays as the server drew it.", error);
    }
  }

  const beginIn = (part) => part.querySelectorAll("[data-map]").forEach(begin);
  document.addEventListener("DOMContentLoaded", () => beginIn(document));
  document.addEventListener("live:shown", (event) => beginIn(event.target));
})();
