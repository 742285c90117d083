// Keys of the agent's pages. Every page works without it: hits and filters are links, and what is typed is a form.
"use strict";

(() => {
  const TYPED_IN = "input, textarea, select, [contenteditable]";
  const field = () => document.getElementById("text");
  const hits = () => [...document.querySelectorAll("#hits a.hit")];

  const announce = (text) => {
    const region = document.getElementById("live");
    if (region && text) region.textContent = text;
  };

  // From the field into the list and through it; up from the first is back in the field.
  const walk = (step) => {
    const list = hits();
    const at = list.indexOf(document.activeElement) + step;
    if (!list.length || (document.activeElement !== field() && !list.includes(document.activeElement))) return false;
    (at < 0 ? field() : list[Math.min(at, list.length - 1)])?.focus();
    return true;
  };

  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const typing = event.target.matches?.(TYPED_IN);
    let done = false;
    if (event.key === "/" && !typing) {
      if (field()) {
        field().focus();
        field().select();
      } else window.location.assign("/");
      done = true;
    } else if (event.key === "ArrowDown" && (!typing || event.target === field())) done = walk(1);
    else if (event.key === "ArrowUp" && (!typing || event.target === field())) done = walk(-1);
    else if (event.key === "Escape" && event.target.matches?.("a.hit")) {
      field()?.focus();
      done = true;
    }
    if (done) event.preventDefault();
  });

  // Enter in the field opens the only one who is found, and of several goes to the first, if they were found by what
  // stands there now; else it asks.
  let shownFor = field()?.value;
  document.addEventListener("submit", (event) => {
    const list = hits();
    if (!event.target.matches("form.seek") || !list.length || field().value !== shownFor) return;
    if (document.activeElement !== field()) return;
    event.preventDefault();
    if (list.length === 1) window.location.assign(list[0].href);
    else list[0].focus();
  });

  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.detail.target?.id === "hits") event.detail.xhr.askedFor = field().value;
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    const { target, xhr } = event.detail;
    if (target?.id === "hits") shownFor = xhr.askedFor;
    announce(target?.querySelector?.("[data-say]")?.dataset.say ?? target?.dataset?.say);
  });
  document.addEventListener("htmx:sendError", () => announce("The server could not be reached."));
})();
