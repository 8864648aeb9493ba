"use strict";
// Tells of changes of alerts as they happen, and offers to load lists that are out of date. Nothing moves unasked.
// With data-live-subject="dyad:IRN-PAK" only of those of this subject.
//   <p class="live" data-live="/api/v1/stream"><span data-live-state></span> <span data-live-said role="status"></span></p>
//   <section id="list" data-live-list data-live-url="/alerts">…</section>
(() => {
  const AGAIN = 30000;
  const STATES = { connecting: "connecting", open: "live", lost: "connection lost, trying again" };

  function announced(text) {
    try {
      const change = JSON.parse(text);
      return [change.rule, change.subject, [change.from, change.to].filter(Boolean).join(" → ")].filter(Boolean).join(", ");
    } catch {
      return "an alert changed";
    }
  }

  function subjectOf(text) {
    try {
      return JSON.parse(text).subject;
    } catch {
      return null;
    }
  }

  class Live {
    constructor(box) {
      this.box = box;
      box.hidden = false;
      this.said = box.querySelector("[data-live-said]");
      this.last = "";
      this.connect();
      // A page kept by the browser for the way back must not hold its place in the stream.
      addEventListener("pagehide", () => this.source.close());
      addEventListener("pageshow", (event) => { if (event.persisted) this.connect(); });
    }

    connect() {
      this.state("connecting");
      const address = new URL(this.box.dataset.live, location.href);
      if (this.last) address.searchParams.set("after", this.last);
      this.source = new EventSource(address);
      this.source.addEventListener("open", () => this.state("open"));
      this.source.addEventListener("error", () => this.lost());
      this.source.addEventListener("transition", (event) => this.heard(event));
    }

    // The browser tries again by itself, but not after a refusal.
    lost() {
      this.state("lost");
      if (this.source.readyState !== EventSource.CLOSED) return;
      setTimeout(() => this.connect(), AGAIN);
    }

    state(name) {
      if (this.box.dataset.connection === name) return;
      this.box.dataset.connection = name;
      this.box.querySelector("[data-live-state]").textContent = STATES[name];
    }

    heard(event) {
      this.last = event.lastEventId || this.last;
      if (this.box.dataset.liveSubject && subjectOf(event.data) !== this.box.dataset.liveSubject) return;
      this.said.textContent = announced(event.data);
      document.querySelectorAll("[data-live-list]").forEach(outdated);
    }
  }

  function outdated(list) {
    const count = Number(list.dataset.new || 0) + 1;
    list.dataset.new = count;
    list.classList.add("stale");
    let button = list.querySelector(":scope > [data-live-show]");
    if (!button) {
      button = document.createElement("button");
      button.type = "button";
      button.dataset.liveShow = "";
      button.addEventListener("click", () => reload(list, button));
      list.prepend(button);
    }
    button.textContent = `Show ${count} new`;
  }

  async function reload(list, button) {
    button.disabled = true;
    list.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(list.dataset.liveUrl || location.href, { credentials: "same-origin", headers: { "HX-Request": "true" } });
      if (!answer.ok) throw new Error(String(answer.status));
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const found = list.id ? page.getElementById(list.id) : null;
      list.replaceChildren(...(found || page.body).childNodes);
      delete list.dataset.new;
      list.classList.remove("stale");
      list.tabIndex = -1;
      list.focus({ preventScroll: true });
      if (window.htmx) htmx.process(list);
      list.dispatchEvent(new CustomEvent("live:shown", { bubbles: true }));
    } catch {
      button.disabled = false;
      button.textContent = "Could not load it. Try again";
    } finally {
      list.removeAttribute("aria-busy");
    }
  }

  document.addEventListener("DOMContentLoaded", () => {
    for (const box of document.querySelectorAll("[data-live]")) box.live = new Live(box);
  });
})();
