"use strict";
// Puts an interactive course in place of the one the server drew: level with its interval, both sides below, alerts behind.
(() => {
  const HEIGHT = 260, SIDES_HEIGHT = 130, DAY = 86400;
  const SYNC = "detente";

  // uPlot draws on a canvas, which knows no custom properties; an element resolves them.
  function colours(box) {
    const probe = box.appendChild(document.createElement("span"));
    const found = {};
    for (const name of ["ink", "faint", "line", "link", "up", "up-back", "down", "flat", "page"]) {
      probe.style.color = `var(--${name})`;
      found[name] = getComputedStyle(probe).color;
    }
    probe.remove();
    return found;
  }

  const faded = (colour) => colour.replace(/^rgb\(([^)]+)\)$/, "rgba($1, 0.18)");
  const two = (number) => String(number).padStart(2, "0");

  function dateOf(seconds) {
    const at = new Date(seconds * 1000);
    return `${at.getUTCFullYear()}-${two(at.getUTCMonth() + 1)}-${two(at.getUTCDate())}`;
  }

  function axis(tone) {
    return { stroke: tone.faint, grid: { stroke: tone.line, width: 1 }, ticks: { stroke: tone.line, width: 1 } };
  }

  function timeAxis(tone) {
    return { ...axis(tone), values: (plot, splits) => splits.map(dateOf), space: 90 };
  }

  function drawSpans(plot, spans, tone) {
    const { left, top, width, height } = plot.bbox;
    plot.ctx.save();
    plot.ctx.fillStyle = tone["up-back"];
    for (const span of spans) {
      const from = Math.max(left, plot.valToPos(span.start, "x", true));
      const to = Math.min(left + width, span.end === null ? left + width : plot.valToPos(span.end, "x", true));
      if (to > from) plot.ctx.fillRect(from, top, to - from, height);
    }
    plot.ctx.restore();
  }

  // The same shapes as in the server's drawing: up, down, and a square for neither.
  function drawMarks(plot, marks, tone) {
    const { left, top, width, height } = plot.bbox;
    const size = 5 * devicePixelRatio, base = top + height - 2 * devicePixelRatio;
    for (const mark of marks) {
      const x = plot.valToPos(mark.at, "x", true);
      if (x < left || x > left + width) continue;
      plot.ctx.fillStyle = mark.direction === "up" ? tone.up : mark.direction === "down" ? tone.down : tone.flat;
      plot.ctx.beginPath();
      if (mark.direction === "up") {
        plot.ctx.moveTo(x - size, base); plot.ctx.lineTo(x + size, base); plot.ctx.lineTo(x, base - 2 * size);
      } else if (mark.direction === "down") {
        plot.ctx.moveTo(x - size, base - 2 * size); plot.ctx.lineTo(x + size, base - 2 * size); plot.ctx.lineTo(x, base);
      } else {
        plot.ctx.rect(x - size, base - 2 * size, 2 * size, 2 * size);
      }
      plot.ctx.fill();
    }
  }

  function near(data, seconds) {
    const marks = data.marks.filter((mark) => Math.abs(mark.at - seconds) <= DAY / 2).map((mark) => mark.what);
    const spans = data.spans.filter((s) => s.start <= seconds && (s.end === null || seconds <= s.end)).map((s) => s.what);
    return [...spans, ...marks].join("; ");
  }

  function levelOptions(data, tone, width, say) {
    return {
      width, height: HEIGHT, tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), "UTC"),
      cursor: { sync: { key: SYNC } },
      scales: { y: { range: [0, 100] } },
      axes: [timeAxis(tone), axis(tone)],
      series: [
        { label: "day", value: (plot, seconds) => (seconds === null ? "–" : dateOf(seconds)) },
        { label: "high", stroke: "transparent", points: { show: false } },
        { label: "low", stroke: "transparent", points: { show: false } },
        { label: "level", stroke: tone.link, width: 2, points: { show: false } },
      ],
      bands: [{ series: [1, 2], fill: faded(tone.link) }],
      hooks: {
        drawClear: [(plot) => drawSpans(plot, data.spans, tone)],
        draw: [(plot) => drawMarks(plot, data.marks, tone)],
        setCursor: [(plot) => say(plot.cursor.idx === null || plot.cursor.idx === undefined ? "" : near(data, plot.data[0][plot.cursor.idx]))],
      },
    };
  }

  function sidesOptions(tone, width) {
    const bars = uPlot.paths.bars({ size: [0.8, 40] });
    const value = (plot, mass) => (mass === null || mass === undefined ? "–" : Math.abs(mass).toFixed(3));
    return {
      width, height: SIDES_HEIGHT, tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), "UTC"),
      cursor: { sync: { key: SYNC } },
      axes: [timeAxis(tone), { ...axis(tone), values: (plot, splits) => splits.map((mass) => String(Number(Math.abs(mass).toPrecision(3)))) }],
      series: [
        { label: "day", value: (plot, seconds) => (seconds === null ? "–" : dateOf(seconds)) },
        { label: "▲ escalation", stroke: tone.up, fill: tone.up, paths: bars, points: { show: false }, value },
        { label: "▼ de-escalation", stroke: tone.down, fill: tone.down, paths: bars, points: { show: false }, value },
      ],
    };
  }

  function draw(box, data) {
    const tone = colours(box);
    const words = box.querySelector("svg desc");
    const chart = document.createElement("div");
    chart.className = "chart";
    chart.setAttribute("role", "img");
    chart.setAttribute("aria-label", `Level of ${data.name}. ${words ? words.textContent : box.dataset.words || ""}`);
    if (words) box.dataset.words = words.textContent;
    const said = document.createElement("p");
    said.className = "small";
    const say = (text) => { said.textContent = text || "\u00a0"; };
    box.querySelectorAll("svg, .chart, .chart + p").forEach((old) => old.remove());
    box.prepend(chart, said);
    say("");
    const width = chart.clientWidth;
    const plots = [
      new uPlot(levelOptions(data, tone, width, say), [data.at, data.high, data.low, data.level], chart),
      new uPlot(sidesOptions(tone, width), [data.at, data.e, data.d.map((mass) => (mass === null ? null : -mass))], chart),
    ];
    box.dataset.drawn = "script";
    return plots;
  }

  async function dataOf(box) {
    if (!box.dataset.url) return JSON.parse(document.getElementById(box.dataset.block).textContent);
    const answer = await fetch(box.dataset.url, { credentials: "same-origin" });
    if (!answer.ok) throw new Error(`${box.dataset.url}: ${answer.status}`);
    return answer.json();
  }

  async function begin(box) {
    if (!window.uPlot) return;
    try {
      const data = await dataOf(box);
      if (data.at.length < 2) return;
      let plots = draw(box, data);
      new ResizeObserver(() => {
        const width = box.isConnected ? box.clientWidth : 0;
        for (const plot of plots) if (width && plot.width !== width) plot.setSize({ width, height: plot.height });
      }).observe(box);
      const again = () => { if (!box.isConnected) return; plots.forEach((plot) => plot.destroy()); plots = draw(box, data); };
      document.addEventListener("detente:theme", again);
      matchMedia("(prefers-color-scheme: dark)").addEventListener("change", again);
    } catch (error) {
      console.warn("The course stays as the server drew it.", error);
    }
  }

  const beginIn = (part) => part.querySelectorAll("[data-timeline]").forEach(begin);
  document.addEventListener("DOMContentLoaded", () => beginIn(document));
  document.addEventListener("live:shown", (event) => beginIn(event.target));
})();
