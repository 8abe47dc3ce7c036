// Names that a contract does not declare: a run would pass over them, or be refused.

import type { JsonObject } from "../types";

export interface Undeclared {
  name: string;
  near: string | null;
}

/** Where a contract takes any name, or is put together of several, nothing is said. */
export function undeclared(contract: JsonObject, given: JsonObject): Undeclared[] {
  const properties = contract["properties"];
  const isOpen = ["patternProperties", "$ref", "allOf", "anyOf", "oneOf", "if"].some((word) => word in contract);
  if (isOpen || isObject(contract["additionalProperties"]) || !isObject(properties)) return [];
  const declared = Object.keys(properties);
  return Object.keys(given)
    .filter((name) => !declared.includes(name))
    .map((name) => ({ name, near: nearest(name, declared) }));
}

function nearest(name: string, declared: string[]): string | null {
  const at = (one: string): number => distance(name.toLowerCase(), one.toLowerCase());
  const [first] = declared.filter((one) => at(one) <= Math.max(1, Math.floor(one.length / 3))).sort((a, b) => at(a) - at(b));
  return first ?? null;
}

/** How many letters have to be changed, added or left out. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)));
    row = next;
  }
  return row[b.length]!;
}

const isObject = (value: unknown): value is Record<string, unknown> => value !== null && typeof value === "object" && !Array.isArray(value);
