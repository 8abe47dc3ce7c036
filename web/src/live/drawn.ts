// How an output is shown while a run goes on: text as text, images as images, HTML in the frame.

import { joined, type Output } from "./replay";
import type { Json } from "../types";

export type Drawn =
  | { kind: "text"; text: string; hidden: number; wrong: boolean }
  | { kind: "image"; src: string; alt: string }
  | { kind: "frame"; html: string }
  | { kind: "tree"; value: Json }
  | { kind: "note"; type: string };

const SHOWN = 40_000;
const IMAGES = ["image/png", "image/jpeg", "image/gif", "image/webp", "image/avif", "image/bmp"];
// eslint-disable-next-line no-control-regex
const ANSI = /\x1b\[[0-9;?]*[ -/]*[@-~]/g;
// The page of a run draws these with their libraries; the HTML beside them asks for what is not here.
const CHART = /^application\/vnd\.(plotly|vega|vegalite|bokehjs|holoviews|jupyter\.widget)/;
const LOOK = `<!DOCTYPE html><meta charset="utf-8"><style>body{margin:.6rem;font:14px/1.45 system-ui,sans-serif;color:#1d1d1b;overflow-wrap:anywhere}
table{border-collapse:collapse;font-size:13px}th,td{padding:.25rem .7rem;text-align:right;border-bottom:1px solid #e3e3de}img,svg{max-width:100%;height:auto}</style>`;

export function drawn(output: Output, whole: boolean): Drawn {
  if (output.output_type === "stream") return text(output.text, whole, output.name === "stderr");
  if (output.output_type === "error") {
    const told = output.traceback?.length ? output.traceback.join("\n") : `${output.ename}: ${output.evalue}`;
    return { ...text(told, whole, true) };
  }
  return bundle(output.data ?? {}, output.metadata ?? {}, whole);
}

function bundle(data: { [type: string]: Json }, metadata: { [name: string]: Json }, whole: boolean): Drawn {
  const image = IMAGES.find((type) => type in data);
  const alt = joined(data["text/plain"]).slice(0, 200) || "An image that the cell shows";
  if (image) return { kind: "image", src: `data:${image};base64,${joined(data[image]).replaceAll(/\s/g, "")}`, alt };
  if ("image/svg+xml" in data) return { kind: "image", src: `data:image/svg+xml,${encodeURIComponent(wellFormed(joined(data["image/svg+xml"])))}`, alt };
  const chart = Object.keys(data).find((type) => CHART.test(type));
  if (chart) return { kind: "note", type: chart };
  if ("text/html" in data) return { kind: "frame", html: LOOK + joined(data["text/html"]) };
  const tree = Object.keys(data).find((type) => /^application\/(.*\+)?json$/.test(type));
  if (tree) return { kind: "tree", value: data[tree]! };
  const written = ["text/markdown", "text/latex", "text/plain"].find((type) => type in data);
  if (written) return text(data[written], whole, false);
  return { kind: "note", type: Object.keys(data)[0] ?? String(metadata["type"] ?? "nothing") };
}

/** The end of a long text: it is what is looked at while a run goes on. */
function text(told: unknown, whole: boolean, wrong: boolean): Drawn & { kind: "text" } {
  const all = joined(told);
  let from = whole || all.length <= SHOWN ? 0 : all.length - SHOWN;
  if (from) from = all.indexOf("\n", from) + 1 || from;
  return { kind: "text", text: all.slice(from).replaceAll(ANSI, ""), hidden: from, wrong };
}

const wellFormed = (text: string): string => text.replaceAll(/[\ud800-\udfff]/gu, "\ufffd");
