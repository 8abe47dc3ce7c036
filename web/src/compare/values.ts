// What is different between two JSON values, each place by its pointer.

import type { Json } from "../types";

export interface Difference {
  pointer: string;
  before: Json | undefined;
  after: Json | undefined;
}

// Two large values that have nothing in common are told by so many places.
const MOST = 1000;

export function differences(before: Json, after: Json): Difference[] {
  const found: Difference[] = [];
  compare(before, after, "", found);
  return found;
}

function compare(before: Json | undefined, after: Json | undefined, pointer: string, found: Difference[]): void {
  if (found.length >= MOST || before === after) return;
  const [old, now] = [members(before), members(after)];
  if (!old || !now || Array.isArray(before) !== Array.isArray(after)) {
    if (JSON.stringify(before) !== JSON.stringify(after)) found.push({ pointer, before, after });
    return;
  }
  for (const name of new Set([...Object.keys(old), ...Object.keys(now)])) {
    compare(old[name], now[name], `${pointer}/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`, found);
  }
}

const members = (value: Json | undefined): Record<string, Json> | null =>
  value !== null && typeof value === "object" ? (value as unknown as Record<string, Json>) : null;

export function shown(value: Json | undefined): string {
  if (value === undefined) return "—";
  const text = JSON.stringify(value);
  return text.length > 300 ? `${text.slice(0, 300)} …` : text;
}
