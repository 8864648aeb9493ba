"use strict";
// Requests by htmx carry the page's token, as its forms do, so that no other site can send them.
document.addEventListener("htmx:config:request", (event) => {
  const token = document.querySelector('meta[name="csrf-token"]');
  if (token) event.detail.ctx.request.headers["X-CSRF-Token"] = token.content;
});
