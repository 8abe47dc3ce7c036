// Runs first, inside the sandbox: says what is refused, and has libraries draw what came into view.
(() => {
  "use strict";
  const libraries = JSON.parse(document.currentScript.dataset.libraries);
  const OUTPUT = ".jp-OutputArea-output, .jp-Cell";
  const title = document.title;

  // A notebook's own scripts may not give the page another name.
  Object.defineProperty(document, "title", { get: () => title, set: () => {} });
  const name = document.querySelector("title");
  new MutationObserver(() => { if (name.textContent !== title) name.textContent = title; })
    .observe(name, { childList: true, characterData: true, subtree: true });

  const said = new Set();
  function refused(address, element) {
    const where = element?.closest(OUTPUT) ?? document.body;
    const key = `${[...document.querySelectorAll(OUTPUT)].indexOf(where)} ${address}`;
    if (!address || said.has(key) || said.size >= 50) return;
    said.add(key);
    const line = document.createElement("p");
    line.className = "podbook-note";
    line.setAttribute("role", "note");
    const link = document.createElement("a");
    link.textContent = shortened(address);
    if (/^(https?:)?\/\//.test(address)) Object.assign(link, { href: address, target: "_blank", rel: "noopener noreferrer" });
    line.append("This wanted ", link, "; pages here reach no network, only files that the run left in artifacts/.");
    (where === document.body ? document.querySelector("main") ?? where : where).append(line);
  }
  function shortened(address) {
    const url = new URL(address, "http://here/");
    return (url.host === "here" ? "" : url.host) + (url.pathname.length > 80 ? url.pathname.slice(0, 79) + "…" : url.pathname);
  }
  // The event names no element, and may come before the element is there.
  const ASKING = "img, script, iframe, link, video, audio, source, embed, object";
  const asks = (element, address) => {
    const own = element.src || element.href || element.data || "";
    return own === address || (/^https?:/.test(own) && new URL(own).origin === address);
  };
  document.addEventListener("securitypolicyviolation", ({ blockedURI }) => {
    if (!/^https?:/.test(blockedURI)) return;
    const late = document.readyState === "loading" ? new Promise((go) => document.addEventListener("DOMContentLoaded", go)) : Promise.resolve();
    late.then(() => {
      const elements = [...document.querySelectorAll(ASKING)].filter((element) => asks(element, blockedURI));
      elements.forEach((element) => {
        if (element.matches("img, iframe, video, audio, embed, object")) element.classList.add("podbook-refused");
        refused(element.getAttribute("src") || blockedURI, element);
      });
      if (!elements.length) refused(blockedURI, null);
    });
  });
  // Frames of the notebook's own (folium's, pyvis') tell it from inside.
  addEventListener("message", (event) => {
    if (event.data?.podbook !== "refused") return;
    const frame = [...document.querySelectorAll("iframe")].find((f) => f.contentWindow === event.source);
    if (frame) refused(String(event.data.address).slice(0, 2000), frame);
  });

  // Links lead out of the frame that the page may stand in; the run's files come from who shows it.
  addEventListener("click", (event) => {
    const link = event.target.closest?.("a[href]");
    if (link?.dataset.artifact && parent !== window) {
      event.preventDefault();
      parent.postMessage({ podbook: "artifact", name: link.dataset.artifact }, "*");
    } else if (link && /^https?:/.test(link.href) && !link.getAttribute("href").startsWith("#")) {
      Object.assign(link, { target: "_blank", rel: "noopener noreferrer" });
    }
  }, true);

  // In a file that stands alone the libraries are in it; they are asked for by their addresses.
  const kept = (address) => document.querySelector(`script[data-library="${String(address).split("?")[0].replace(/(\.js)?$/, ".js")}"]`);
  if (document.querySelector("script[data-library]")) {
    const { get, set } = Object.getOwnPropertyDescriptor(HTMLScriptElement.prototype, "src");
    const code = (element) => element.address ??= URL.createObjectURL(new Blob([element.textContent], { type: "text/javascript" }));
    Object.defineProperty(HTMLScriptElement.prototype, "src", {
      get, set(address) { const found = kept(address); set.call(this, found ? code(found) : address); },
    });
    window.podbookLibrary = (address) => {
      const element = document.createElement("script");
      element.textContent = kept(address)?.textContent ?? "";
      document.head.append(element);
    };
  }

  const loading = {};
  const load = (library) => loading[library] ??= libraries[library].reduce(
    (before, address) => before.then(() => script(address)), Promise.resolve());
  function script(address) {
    const inside = kept(address);
    const element = document.createElement("script");
    // Libraries that find a module loader register with it and are then nowhere to be found.
    const { define } = window, amd = define?.amd;
    if (define) define.amd = undefined;
    const restore = () => { if (define) define.amd = amd; };
    if (inside) { element.textContent = inside.textContent; document.head.append(element); restore(); return; }
    return new Promise((yes, no) => {
      element.onload = () => { restore(); yes(); };
      element.onerror = () => { restore(); no(new Error("its library did not load")); };
      element.src = address;
      document.head.append(element);
    });
  }

  const draw = {
    plotly: async (place, figure) => {
      const { data, layout = {}, frames, config } = figure;
      const needsMap = /"type":"(choropleth|scattergeo)"|"geo\d*":/.test(JSON.stringify({ layout, types: data.map((t) => ({ type: t.type })) }));
      if (needsMap && libraries.geo) await load("geo");
      await Plotly.newPlot(place, { data, layout, frames, config: { responsive: true, displaylogo: false, ...config } });
    },
    vega: (place, spec) => vegaEmbed(place, spec, { ast: false }),
    mermaid: async (place, text) => {
      mermaid.initialize({ startOnLoad: false, securityLevel: "strict" });
      place.innerHTML = (await mermaid.render(`podbook-diagram-${++diagrams}`, text)).svg;
    },
  };
  let diagrams = 0;
  let turn = Promise.resolve();
  async function show(figure) {
    const kind = figure.dataset.figure;
    const content = JSON.parse(figure.querySelector("script").textContent);
    const place = document.createElement("div");
    place.style.width = "100%";
    try {
      await load(kind);
      figure.classList.add("is-drawn");
      figure.prepend(place);
      await draw[kind](place, content);
      figure.querySelector(":scope > .podbook-note").remove();
    } catch (error) {
      figure.classList.remove("is-drawn");
      place.remove();
      figure.querySelector(":scope > .podbook-note").append(` It could not: ${String(error?.message ?? error).slice(0, 300)}. `, data(kind, content));
    }
  }
  function data(kind, content) {
    const link = document.createElement("a");
    const text = typeof content === "string" ? content : JSON.stringify(content);
    link.href = URL.createObjectURL(new Blob([text], { type: "application/json" }));
    link.download = `${kind}.json`;
    link.textContent = "Save its data";
    return link;
  }
  document.addEventListener("DOMContentLoaded", () => {
    // One after the other: a page of a hundred charts stays usable.
    const next = (figure) => { seen.unobserve(figure); turn = turn.then(() => show(figure)); };
    const seen = new IntersectionObserver((entries) => entries.filter((e) => e.isIntersecting).forEach((e) => next(e.target)), { rootMargin: "100% 0px" });
    document.querySelectorAll(".podbook-figure").forEach((figure) => seen.observe(figure));
    addEventListener("beforeprint", () => {
      seen.takeRecords();
      document.querySelectorAll(".podbook-figure:not(.is-drawn)").forEach(next);
    });
  });
  addEventListener("beforeprint", () => document.querySelectorAll(".jp-RenderedHTMLCommon table").forEach((table) => {
    const room = table.closest(OUTPUT)?.clientWidth ?? innerWidth;
    if (table.scrollWidth > room) table.style.zoom = Math.max(0.3, room / table.scrollWidth);
  }));
  addEventListener("afterprint", () => document.querySelectorAll("table").forEach((table) => { table.style.zoom = ""; }));
})();
