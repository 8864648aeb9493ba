"use strict";
// Dragging a threshold: everything shown comes from the sheet of the server, threshold by threshold.
//   <div data-tune="/tune/level/sheet.json" data-address="/tune/level" data-now="40">…</div>
(() => {
  const LOOKS = { new: "+ would be new", lost: "− would be lost", kept: "= stays" };
  const STATES = { caught: "✓ caught", lost: "− lost", never: "○ caught by no threshold" };
  const SAY_AFTER = 400;

  class Tune {
    constructor(box, data) {
      this.box = box;
      this.choices = data.choices;
      this.subjects = data.subjects;
      this.drag = box.querySelector("#drag");
      this.number = box.querySelector("#threshold");
      this.columns = [...box.querySelectorAll("[data-rows]")].map((rows) =>
        [...rows.parentElement.querySelectorAll("thead th")].map((head) => head.textContent))[0];
      this.at = this.nearest(Number(this.number.value));
      this.drag.value = this.at;
      this.describe();
      box.querySelector("[data-drag]").hidden = false;
      box.querySelector("[data-show]").hidden = true;
      this.drag.addEventListener("input", () => this.choose(Number(this.drag.value)));
      this.number.addEventListener("change", () => this.typed());
      this.number.addEventListener("keydown", (event) => this.step(event));
      this.number.form.addEventListener("submit", (event) => { event.preventDefault(); this.typed(); });
    }

    // Of two as near the higher, as the server does.
    nearest(value) {
      let best = 0;
      this.choices.forEach((one, n) => {
        if (Math.abs(one.threshold - value) <= Math.abs(this.choices[best].threshold - value)) best = n;
      });
      return best;
    }

    typed() {
      if (this.number.value !== "" && Number.isFinite(this.number.valueAsNumber)) this.choose(this.nearest(this.number.valueAsNumber));
      else this.number.value = this.choices[this.at].label;
    }

    step(event) {
      const by = { ArrowUp: 1, ArrowDown: -1, PageUp: 5, PageDown: -5 }[event.key];
      if (!by) return;
      event.preventDefault();
      this.choose(Math.min(this.choices.length - 1, Math.max(0, this.at + by)));
    }

    choose(n) {
      this.number.value = this.choices[n].label;
      this.drag.value = n;
      if (n === this.at) return;
      this.at = n;
      this.describe();
      this.show(this.choices[n]);
      history.replaceState(null, "", `${this.box.dataset.address}?threshold=${this.choices[n].label}`);
      clearTimeout(this.saying);
      this.saying = setTimeout(() => this.say(this.choices[n]), SAY_AFTER);
    }

    describe() {
      const one = this.choices[this.at];
      this.drag.setAttribute("aria-valuetext", `${one.label}, ${one.facts.week} pages a week`);
    }

    say(one) {
      const { week, new: more, lost } = one.facts;
      this.box.querySelector("[data-said]").textContent = `${one.label}: ${week} pages a week, ${more} would be new, ${lost} lost`;
    }

    show(one) {
      const all = (selector) => this.box.querySelectorAll(selector);
      for (const label of all("[data-label-of]")) label.textContent = one.label;
      for (const fact of all("[data-fact]")) fact.textContent = one.facts[fact.dataset.fact];
      for (const bar of all("g.bar")) bar.classList.toggle("chosen", bar.dataset.threshold === one.label);
      this.box.querySelector("[data-rows]").replaceChildren(...one.rows.map((row) => this.row(row)));
      this.box.querySelector("[data-none]").hidden = one.rows.length > 0;
      this.pager(one);
      all("[data-known] [data-state]").forEach((cell, n) => { cell.textContent = STATES[one.known[n]]; });
      this.tryable(one);
    }

    row([mark, at, subject, severity, confirmed]) {
      const row = document.createElement("tr");
      row.className = `fate ${mark}`;
      const time = document.createElement("time");
      time.dateTime = `${at.replace(" ", "T")}Z`;
      time.textContent = `${at} UTC`;
      const link = document.createElement("a");
      link.href = `/subjects/${encodeURIComponent(subject).replaceAll("%3A", ":")}`;
      link.textContent = this.subjects[subject];
      const loud = document.createElement("span");
      loud.className = `severity ${severity}`;
      loud.textContent = severity || "not known";
      [LOOKS[mark], time, link, loud, confirmed ? "yes" : "not yet"].forEach((content, n) => {
        const cell = document.createElement(content === link ? "th" : "td");
        if (content === link) cell.scope = "row";
        else cell.dataset.label = this.columns[n];
        cell.append(content);
        row.append(cell);
      });
      return row;
    }

    pager(one) {
      const pager = this.box.querySelector("[data-pager]");
      pager.replaceChildren();
      if (one.total <= one.rows.length) return;
      const more = document.createElement("a");
      more.className = "button plain";
      more.href = `${this.box.dataset.address}?threshold=${one.label}&page=2#pages`;
      more.textContent = "More";
      pager.append(more);
    }

    tryable(one) {
      const form = this.box.querySelector("[data-try]");
      const isNow = one.label === this.box.dataset.now;
      form.elements.threshold.value = one.label;
      form.hidden = isNow;
      this.box.querySelector("[data-in-force]").hidden = !isNow;
    }
  }

  async function begin(box) {
    try {
      const answer = await fetch(box.dataset.tune, { credentials: "same-origin" });
      if (answer.ok) box.tune = new Tune(box, await answer.json());
    } catch {
      // The form asks the server for each threshold.
    }
  }

  document.addEventListener("DOMContentLoaded", () => {
    for (const box of document.querySelectorAll("[data-tune]")) begin(box);
  });
})();
