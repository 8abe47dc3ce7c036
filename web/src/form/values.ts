// Values on their way into the form and out of it: nothing is lost, nothing is invented.

import type { Json, JsonObject } from "../types";
import type { Field } from "./schema-to-fields";

export class NotJson extends Error {
  constructor(
    readonly path: (string | number)[],
    message: string,
  ) {
    super(message);
  }
}

/** What the form shows of a value; where there is none, what holds without one. */
export function entered(field: Field, given: Json | undefined): unknown {
  const value = given === undefined ? field.fallback : given;
  if (value === null && field.kind !== "json") return undefined;
  switch (field.kind) {
    case "object": {
      const inside = isObject(value) ? value : {};
      return Object.fromEntries(Object.entries(field.members ?? {}).map(([name, member]) => [name, entered(member, inside[name])]));
    }
    case "map":
      return isObject(value) ? Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, entered(field.items!, inner)])) : {};
    case "list":
      return Array.isArray(value) ? value.map((inner) => entered(field.items!, inner)) : [];
    case "json":
      return value === undefined ? undefined : JSON.stringify(value, null, typeof value === "object" ? 2 : 0);
    case "choice":
      return value === undefined ? undefined : typeof value === "string" ? value : JSON.stringify(value);
    case "moment":
      return typeof value === "string" ? local(value) : undefined;
    case "secret":
      return undefined;
    default:
      return value;
  }
}

/** What is sent for what the form shows; undefined is: not given. Throws NotJson. */
export function given(field: Field, shown: unknown, before: Json | undefined, path: (string | number)[] = []): Json | undefined {
  // The notebook's own default, which nobody touched: it knows it better (0.0 is no 0 to Python).
  if (field.own && path.length && before === undefined && same(shown, entered(field, undefined))) return undefined;
  if (field.kind === "object") return members(field, isObject(shown) ? shown : {}, before, path);
  if (field.kind === "map") return map(field, isObject(shown) ? shown : {}, before, path);
  if (field.kind === "list") return list(field, Array.isArray(shown) ? shown : [], before, path);
  // What nobody touched goes back as it came, to the last digit.
  if (before !== undefined && field.kind !== "secret" && same(shown, entered(field, before))) return before;
  if (shown === undefined || shown === null || shown === "") return nothing(field);
  switch (field.kind) {
    case "json":
      return parsed(String(shown), path);
    case "choice":
      return field.options!.find((option) => (typeof option === "string" ? option : JSON.stringify(option)) === shown) ?? (shown as string);
    case "moment":
      return withOffset(String(shown));
    default:
      return shown as Json;
  }
}

function nothing(field: Field): Json | undefined {
  const { fallback } = field;
  if (field.nullable) return field.required || (fallback !== undefined && fallback !== null) ? null : undefined;
  // Somebody emptied a text that would not be empty by itself.
  return field.kind === "text" && typeof fallback === "string" && fallback !== "" ? "" : undefined;
}

function members(field: Field, shown: Record<string, unknown>, before: Json | undefined, path: (string | number)[]): Json | undefined {
  const was = isObject(before) ? before : {};
  const known = field.members ?? {};
  // What the contract does not name and the form does not show is kept.
  const out: JsonObject = Object.fromEntries(Object.entries(was).filter(([name]) => !(name in known)));
  for (const [name, member] of Object.entries(known)) {
    const value = given(member, shown[name], was[name], [...path, name]);
    if (value !== undefined) out[name] = value;
  }
  if (Object.keys(out).length || path.length === 0) return out;
  if (before !== undefined && before !== null) return out;
  return field.required ? (field.nullable ? null : out) : before === null ? null : undefined;
}

function map(field: Field, shown: Record<string, unknown>, before: Json | undefined, path: (string | number)[]): Json | undefined {
  const was = isObject(before) ? before : {};
  const pairs = Object.entries(shown).map(([name, inner]) => [name, given(field.items!, inner, was[name], [...path, name]) ?? null] as const);
  return collection(field, Object.fromEntries(pairs), pairs.length, before);
}

function list(field: Field, shown: unknown[], before: Json | undefined, path: (string | number)[]): Json | undefined {
  const was = Array.isArray(before) && before.length === shown.length ? before : [];
  const out = shown.map((inner, index) => given(field.items!, inner, was[index], [...path, index]) ?? (field.items!.kind === "text" ? "" : null));
  return collection(field, out, out.length, before);
}

function collection(field: Field, out: Json, count: number, before: Json | undefined): Json | undefined {
  if (count || (before !== undefined && before !== null)) return out;
  if (before === null || (field.nullable && field.required)) return null;
  const fallback = field.fallback;
  const holdsSomething = fallback !== null && typeof fallback === "object" && Object.keys(fallback).length > 0;
  return field.required || holdsSomething ? out : undefined;
}

function parsed(text: string, path: (string | number)[]): Json {
  try {
    return JSON.parse(text) as Json;
  } catch (error) {
    throw new NotJson(path, `This is not JSON: ${(error as Error).message}. Text stands in quotes.`);
  }
}

const pad = (n: number): string => String(n).padStart(2, "0");

/** An instant as a field for local time shows it. */
function local(text: string): string | undefined {
  const at = new Date(text);
  if (Number.isNaN(at.getTime())) return undefined;
  return `${at.getFullYear()}-${pad(at.getMonth() + 1)}-${pad(at.getDate())}T${pad(at.getHours())}:${pad(at.getMinutes())}:${pad(at.getSeconds())}`;
}

function withOffset(text: string): string {
  const at = new Date(text);
  if (Number.isNaN(at.getTime())) return text;
  const minutes = -at.getTimezoneOffset();
  const offset = `${minutes < 0 ? "-" : "+"}${pad(Math.floor(Math.abs(minutes) / 60))}:${pad(Math.abs(minutes) % 60)}`;
  return `${text.length === 16 ? `${text}:00` : text}${minutes === 0 ? "Z" : offset}`;
}

const isObject = (value: unknown): value is Record<string, never> => value !== null && typeof value === "object" && !Array.isArray(value);
const same = (a: unknown, b: unknown): boolean => a === b || JSON.stringify(a) === JSON.stringify(b);
