// What a step is called: the heading above its cell, else the first line of its source.

import { joined, type Cell } from "./replay";

export interface Name {
  heading: string;
  line: string;
}

export function nameOf(cells: Cell[], index: number): Name {
  const lines = joined(cells[index]?.source).split("\n").map((line) => line.trim());
  const line = lines.find((text) => text && !text.startsWith("%%")) ?? "";
  return { heading: headingAbove(cells, index), line: line.slice(0, 200) };
}

function headingAbove(cells: Cell[], index: number): string {
  for (let at = index - 1; at >= 0 && cells[at]!.cell_type !== "code"; at--) {
    if (cells[at]!.cell_type !== "markdown") continue;
    const found = joined(cells[at]!.source).match(/^ {0,3}#{1,6}[ \t]+(.+?)[ \t#]*$/gm)?.at(-1);
    if (found) return plain(found.replace(/^ *#+[ \t]+/, "").replace(/[ \t]#+[ \t]*$/, "")).slice(0, 200);
  }
  return "";
}

const plain = (text: string): string => text.replace(/\[([^\]]*)\]\([^)]*\)/g, "$1").replace(/(\*\*|__|[*`])/g, "").trim();
