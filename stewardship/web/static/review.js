// Keys, focus and announcements of the review pages. Every page works without it: a key does no more than press a
// button that is there, and what is answered is sent by forms.
"use strict";

(() => {
  const SETTLE = 250; // milliseconds in which a key still belongs to the card that has just gone
  const TYPED_IN = "input:not([type=radio]):not([type=checkbox]):not([type=submit]), textarea, select, [contenteditable]";
  const STEPS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
  let shownAt = -SETTLE;
  let shown = document.querySelector("[data-item]")?.dataset.item;
  let busy = false;

  const announce = (text) => {
    const region = document.getElementById("live");
    if (region && text) region.textContent = text;
  };

  const pressed = (key) => {
    const name = CSS.escape(key.toLowerCase());
    const found = document.querySelector(`[data-asks] [data-key="${name}"]`) ?? document.querySelector(`[data-key="${name}"]`);
    if (!found || found.disabled) return false;
    if (busy || performance.now() - shownAt < SETTLE) return true; // meant for the card that is going
    if (found.matches(TYPED_IN)) {
      found.closest("details")?.setAttribute("open", "");
      found.focus();
      found.select?.();
    } else if (found.matches("summary")) {
      found.parentElement.toggleAttribute("open", true);
      found.parentElement.querySelector("input, select, textarea, button")?.focus();
    } else {
      found.click();
    }
    return true;
  };

  // Arrows walk over the values of a card as over a sheet: by row and column, past cells that hold nothing.
  const walk = (key) => {
    const cells = [...document.querySelectorAll("input[data-row]")];
    if (!cells.length) return false;
    const here = cells.find((cell) => cell === document.activeElement) ?? cells.find((cell) => cell.checked);
    const at = (cell) => [Number(cell.dataset.row), Number(cell.dataset.column)];
    let next = cells[0];
    if (here) {
      const [down, right] = STEPS[key];
      const [row, column] = at(here);
      const along = cells.filter((cell) => (right ? at(cell)[0] === row : at(cell)[1] === column));
      next = along[along.indexOf(here) + down + right] ?? here;
    }
    next.checked = true;
    next.focus();
    next.scrollIntoView({ block: "nearest", inline: "nearest" });
    next.dispatchEvent(new Event("change", { bubbles: true }));
    return true;
  };

  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    const target = event.target;
    if (event.key === "Escape") {
      if (target.matches?.(TYPED_IN)) target.blur();
      else pressed("escape");
      return;
    }
    if (event.repeat || target.matches?.(TYPED_IN)) return;
    if (document.querySelector("dialog:popover-open") && event.key !== "?") return;
    const onRadio = !target.matches?.("input[type=radio]") || target.matches("input[data-row]");
    const done = event.key in STEPS ? onRadio && walk(event.key) : event.key.length === 1 && pressed(event.key);
    if (done) event.preventDefault();
  });

  // What comes back is told aloud, and the keyboard stays in the work: on the question to confirm, else on the card.
  document.addEventListener("htmx:afterSettle", (event) => {
    const work = document.getElementById("work");
    if (!work || event.detail.target?.id !== "work") return;
    const item = work.querySelector("[data-item]")?.dataset.item;
    if (item !== shown) shownAt = performance.now();
    shown = item;
    announce(work.querySelector("[data-say]")?.dataset.say);
    (work.querySelector("[data-asks] [data-first]") ?? work.querySelector("h1"))?.focus({ preventScroll: !work.querySelector("[data-asks]") });
    if (!work.querySelector("[data-asks]")) window.scrollTo(0, 0);
  });

  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.detail.target?.id === "work") busy = true;
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.target?.id === "work") busy = false;
  });

  // A refusal comes with the card as it is now, and is shown as one; any other page that is not of the review is gone to.
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { xhr, target } = event.detail;
    if (xhr.getResponseHeader("HX-Retarget")) event.detail.selectOverride = "unset";
    else if (target?.id !== "work") return;
    else if (xhr.responseText.includes('id="work"')) event.detail.isError = false;
    else {
      event.detail.shouldSwap = false;
      window.location.assign(xhr.responseURL);
    }
  });
  document.addEventListener("htmx:sendError", () => announce("The server could not be reached. Nothing was written."));
})();
