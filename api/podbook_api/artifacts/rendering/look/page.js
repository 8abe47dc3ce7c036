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

  // No policy of every browser names calls between browsers; without these there are none.
  for (const way of ["RTCPeerConnection", "webkitRTCPeerConnection", "RTCDataChannel", "WebTransport"]) {
    Object.defineProperty(window, way, { value: undefined, writable: false, configurable: false });
  }

  const said = new Map();
  function refused(address, element) {
    const where = element?.closest(OUTPUT) ?? document.querySelector("main") ?? document.body;
    const links = said.get(where) ?? said.set(where, new Map()).get(where);
    if (!address || links.has(address) || links.size >= 50) return;
    const link = document.createElement("a");
    link.textContent = shortened(address);
    if (/^(https?:)?\/\//.test(address)) Object.assign(link, { href: address, target: "_blank", rel: "noopener noreferrer" });
    if (links.size) [...links.values()].at(-1).after(", ", link);
    else note(where, "This wanted ", link, "; pages here reach no network, only files that the run left in artifacts/.");
    links.set(address, link);
  }
  function note(where, ...words) {
    const line = document.createElement("p");
    line.className = "podbook-note";
    line.setAttribute("role", "note");
    line.append(...words);
    where.append(line);
  }
  function shortened(address) {
    const url = new URL(address, "http://here/");
    return (url.host === "here" ? "" : url.host) + (url.pathname.length > 80 ? url.pathname.slice(0, 79) + "…" : url.pathname);
  }
  // The event names no element, and may come before the element is there.
  const ASKING = "img, script, iframe, link, video, audio, source, embed, object";
  const asks = (element, address) => {
    const own = element.src || element.href || element.data || "";
    // Of a frame only its origin is told.
    return own === address || (element.matches("iframe, embed, object") && /^https?:/.test(own) && new URL(own).origin === address);
  };
  document.addEventListener("securitypolicyviolation", ({ blockedURI, effectiveDirective }) => {
    const late = document.readyState === "loading" ? new Promise((go) => document.addEventListener("DOMContentLoaded", go)) : Promise.resolve();
    late.then(() => {
      if (effectiveDirective === "frame-src") framesOfData();
      if (!/^https?:/.test(blockedURI)) return;
      const elements = [...document.querySelectorAll(ASKING)].filter((element) => asks(element, blockedURI));
      elements.forEach((element) => {
        if (element.matches("img, iframe, video, audio, embed, object")) element.classList.add("podbook-refused");
        refused(element.getAttribute("src") || blockedURI, element);
      });
      if (!elements.length) refused(blockedURI, null);
    });
  });
  // Of an address that holds its document nothing is told.
  function framesOfData() {
    document.querySelectorAll("iframe[src^='data:' i]").forEach((frame) => {
      if (frame.classList.contains("podbook-refused")) return;
      frame.classList.add("podbook-refused");
      note(frame.closest(OUTPUT) ?? document.body, "A frame by a data: address is not shown here; write its document into srcdoc instead.");
    });
  }
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
    } else if (link && /^(?!#|\/|[a-z][a-z+.-]*:)/i.test(link.getAttribute("href")) && !link.dataset.artifact) {
      // What stood beside the notebook when it was written does not stand beside its page.
      event.preventDefault();
      if (!link.matches(".podbook-missing")) note(link.closest(OUTPUT) ?? document.body, `${link.getAttribute("href").slice(0, 200)} is no file of this run: what a cell leaves in artifacts/ is.`);
      link.classList.add("podbook-missing");
    } else if (link && /^https?:/.test(link.href) && !link.getAttribute("href").startsWith("#")) {
      Object.assign(link, { target: "_blank", rel: "noopener noreferrer" });
    }
  }, true);

  // Libraries that find a module loader register with it, and whoever named them by a script element
  // then finds nothing: they see one only where the loader itself asked for them.
  const apart = new WeakSet();
  const isApart = (element) => element && (apart.has(element) || (element.src && !element.dataset.requiremodule));
  let loader, owner;
  Object.defineProperty(window, "define", {
    configurable: true,
    get: () => (isApart(document.currentScript) && document.currentScript !== owner ? undefined : loader),
    set(given) { [loader, owner] = [given, document.currentScript]; },
  });

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
      apart.add(element);
      document.head.append(element);
    };
  }

  const loading = {};
  const load = (library) => loading[library] ??= (libraries[library] ?? []).reduce(
    (before, address) => before.then(() => script(address)), Promise.resolve());
  function script(address) {
    const inside = kept(address);
    const element = document.createElement("script");
    apart.add(element);
    if (inside) { element.textContent = inside.textContent; document.head.append(element); return; }
    return new Promise((yes, no) => {
      element.onload = yes;
      element.onerror = () => no(new Error("its library did not load"));
      element.src = address;
      document.head.append(element);
    });
  }

  const draw = {
    plotly: async (place, figure) => {
      const { data, layout = {}, frames, config } = figure;
      if (data.some(({ type }) => /(map|mapbox)$/.test(type ?? "") && !/heatmap|treemap/.test(type))) {
        throw new Error("its map is made of tiles from elsewhere, and pages here reach no network; scatter_geo and choropleth need none");
      }
      if (libraries.geo && data.some(({ type }) => type === "choropleth" || type === "scattergeo")) await outlines();
      await Plotly.newPlot(place, { data, layout, frames, config: { responsive: true, displaylogo: false, ...config } });
    },
    vega: (place, spec) => vegaEmbed(place, spec, { ast: false }),
    anywidget: async (place, { module, style, state }) => {
      const address = URL.createObjectURL(new Blob([module], { type: "text/javascript" }));
      const { default: found } = await import(address);
      const widget = typeof found === "function" ? await found() : found;
      const nothing = () => {};
      const model = { get: (name) => state[name], set: (name, value) => { state[name] = value; },
        on: nothing, off: nothing, save_changes: nothing, send: nothing };
      place.append(Object.assign(document.createElement("style"), { textContent: style }));
      const inside = place.appendChild(document.createElement("div"));
      await widget.initialize?.({ model });
      await widget.render({ model, el: inside });
    },
    mermaid: async (place, text) => {
      mermaid.initialize({ startOnLoad: false, securityLevel: "strict" });
      place.innerHTML = (await mermaid.render(`podbook-diagram-${++diagrams}`, text)).svg;
    },
  };
  async function outlines() {
    const own = window.Plotly;
    await load("geo");
    // They come under the library's own name.
    if (window.Plotly !== own) Object.assign(window, { PlotlyGeoAssets: window.Plotly, Plotly: own });
  }
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
    const queued = new Set();
    const next = (figure) => {
      seen.unobserve(figure);
      if (queued.has(figure)) return;
      queued.add(figure);
      turn = turn.then(() => show(figure));
    };
    const seen = new IntersectionObserver((entries) => entries.filter((e) => e.isIntersecting).forEach((e) => next(e.target)), { rootMargin: "100% 0px" });
    document.querySelectorAll(".podbook-figure").forEach((figure) => seen.observe(figure));
    addEventListener("beforeprint", () => {
      seen.takeRecords();
      document.querySelectorAll(".podbook-figure").forEach(next);
    });
  });
  addEventListener("beforeprint", () => document.querySelectorAll(".jp-RenderedHTMLCommon table").forEach((table) => {
    const room = table.closest(OUTPUT)?.clientWidth ?? innerWidth;
    if (table.scrollWidth > room) table.style.zoom = Math.max(0.3, room / table.scrollWidth);
  }));
  addEventListener("afterprint", () => document.querySelectorAll("table").forEach((table) => { table.style.zoom = ""; }));
})();
