// Widgets that were bound to each other by jslink or jsdlink stay so: no kernel took part in it.
(() => {
  "use strict";
  const pairs = JSON.parse(document.currentScript.dataset.links);
  const values = new Map();
  const views = (name) => document.querySelectorAll(`[data-widget="${name}"]`);
  const part = (view, selector) => (view.matches(selector) ? view : view.querySelector(selector));

  function set(name, value) {
    if (values.get(name) === value) return;
    values.set(name, value);
    views(name).forEach((view) => show(view, value));
    pairs.filter(([from]) => from === name).forEach(([, to]) => set(to, value));
  }
  function show(view, value) {
    const input = part(view, "input");
    const bar = part(view, "progress");
    const html = part(view, ".podbook-html");
    if (input?.type === "checkbox") input.checked = Boolean(value);
    else if (input) input.value = value;
    else if (bar) bar.value = value - bar.dataset.from;
    else if (html) html.innerHTML = value;
    else if (view.matches(".podbook-play")) view.dataset.value = value;
    const text = part(view, "output") ?? (input || bar || html ? null : view.querySelector("span:not(.podbook-label)"));
    if (text) text.textContent = value;
  }
  addEventListener("input", ({ target }) => {
    const name = target.closest?.("[data-widget]")?.dataset.widget;
    if (!name) return;
    if (target.type === "checkbox") set(name, target.checked);
    else set(name, ["range", "number"].includes(target.type) ? Number(target.value) : target.value);
  });
  addEventListener("click", ({ target }) => {
    const play = target.closest?.(".podbook-play[data-widget]");
    if (!play) return;
    if (play.timer) { play.timer = clearInterval(play.timer); play.textContent = "▶"; return; }
    play.textContent = "❚❚";
    const { min, max, step, interval } = Object.fromEntries(Object.entries(play.dataset).map(([name, text]) => [name, Number(text)]));
    if (Number(play.dataset.value) >= max) set(play.dataset.widget, min);
    play.timer = setInterval(() => {
      const next = Number(play.dataset.value) + step;
      if (next <= max) set(play.dataset.widget, next);
      if (next >= max) { play.timer = clearInterval(play.timer); play.textContent = "▶"; }
    }, Math.max(interval, 20));
  });
})();
