"use strict";
// Light, dark, or as the system has it. Runs before the page is drawn, so that nothing flashes.
(() => {
  const KEY = "detente-theme";
  const NEXT = { system: "light", light: "dark", dark: "system" };
  const SIGN = { system: "◐", light: "☀", dark: "☾" };
  const root = document.documentElement;

  // Storage may be forbidden; then the choice lasts for this page.
  let chosen = "system";
  try {
    const kept = localStorage.getItem(KEY);
    if (kept in NEXT) chosen = kept;
  } catch { /* as above */ }

  function apply() {
    if (chosen === "system") root.removeAttribute("data-theme");
    else root.dataset.theme = chosen;
    try {
      localStorage.setItem(KEY, chosen);
    } catch { /* as above */ }
  }

  function show(button) {
    button.textContent = `${SIGN[chosen]} ${chosen}`;
    button.setAttribute("aria-label", `Colours: ${chosen}. Change to ${NEXT[chosen]}`);
  }

  apply();
  document.addEventListener("DOMContentLoaded", () => {
    for (const button of document.querySelectorAll("[data-theme-button]")) {
      show(button);
      button.hidden = false;
      button.addEventListener("click", () => {
        chosen = NEXT[chosen];
        apply();
        show(button);
        document.dispatchEvent(new CustomEvent("detente:theme"));
      });
    }
  });
})();
