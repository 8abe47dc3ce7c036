// Makes a contract fit for a form: references resolved, nullable members collapsed, and what no form
// can show turned into a field for JSON. Beside the schema it returns how values go in and come out.

import type { Json, JsonObject } from "../types";

export interface Field {
  kind: "object" | "map" | "list" | "text" | "secret" | "moment" | "number" | "flag" | "choice" | "json";
  required: boolean;
  nullable: boolean;
  /** What holds where nothing is given. */
  fallback?: Json;
  members?: Record<string, Field>;
  items?: Field;
  options?: Json[];
  /** Whether the fallback is the notebook's own, which holds where nothing is sent. */
  own?: boolean;
}

export interface Fitted {
  schema: JsonObject;
  ui: Record<string, unknown>;
  field: Field;
}

interface Place {
  root: JsonObject;
  /** The references that lead here: one that comes again has no end. */
  path: string[];
  required: boolean;
  inferred: boolean;
}

const DEEPEST = 6;
const TEXTS = ["title", "description", "examples"] as const;

export function fit(contract: JsonObject, inferred = false): Fitted {
  return fitted(contract, { root: contract, path: [], required: true, inferred });
}

function fitted(given: Json, place: Place): Fitted {
  const found = resolve(given, place);
  if (!found) return json(given, place, false);
  const { path } = found;
  const { node, nullable } = withoutNull(found.node, place, path);
  const inner = { ...place, path };
  const options = choices(node);
  if (options) return choice(node, options, place, nullable);
  switch (typeOf(node)) {
    case "object":
      return object(node, inner, nullable);
    case "array":
      return list(node, inner, nullable);
    case "string":
      return text(node, place, nullable);
    case "integer":
    case "number":
      return leaf("number", node, place, nullable, pick(node, ["minimum", "maximum", "multipleOf"], { type: node["type"] ?? "number" }));
    case "boolean":
      return flag(node, place, nullable);
    default:
      return json(node, place, nullable);
  }
}

const isObject = (value: Json | undefined): value is JsonObject => value !== null && typeof value === "object" && !Array.isArray(value);

/** Follow $ref, and the one-element allOf that generators write around it. */
function resolve(given: Json, place: Place): { node: JsonObject; path: string[] } | null {
  let node = given;
  let path = place.path;
  for (let step = 0; step < 50; step++) {
    if (!isObject(node)) return null;
    const { $ref: reference, allOf: all, ...beside }: JsonObject = node;
    if (typeof reference === "string") {
      const target = reference.startsWith("#") ? lookUp(place.root, reference) : undefined;
      if (!isObject(target) || path.includes(reference) || path.length >= DEEPEST) return null;
      path = [...path, reference];
      node = { ...target, ...beside };
    } else if (Array.isArray(all) && all.length === 1) {
      node = { ...(isObject(all[0]) ? all[0] : {}), ...beside };
    } else {
      return { node, path };
    }
  }
  return null;
}

function lookUp(root: JsonObject, reference: string): Json | undefined {
  const parts = decodeURIComponent(reference.slice(1)).split("/").slice(1);
  let at: Json | undefined = root;
  for (const part of parts) at = isObject(at) ? at[part.replaceAll("~1", "/").replaceAll("~0", "~")] : undefined;
  return at;
}

/** `anyOf [X, null]`, `oneOf [X, null]` and `type [x, null]` all say: x, or nothing. */
function withoutNull(node: JsonObject, place: Place, path: string[]): { node: JsonObject; nullable: boolean } {
  for (const word of ["anyOf", "oneOf"]) {
    const variants = node[word];
    if (!Array.isArray(variants)) continue;
    const others = variants.filter((v) => !(isObject(v) && v["type"] === "null"));
    const { [word]: _, ...beside } = node;
    const only = others.length === 1 ? resolve(others[0]!, { ...place, path }) : null;
    if (only) {
      path.push(...only.path.slice(path.length));
      return { node: { ...only.node, ...beside }, nullable: others.length < variants.length };
    }
  }
  if (Array.isArray(node["type"])) {
    const types = node["type"].filter((t) => t !== "null");
    if (types.length === 1) return { node: { ...node, type: types[0]! }, nullable: types.length < node["type"].length };
  }
  return { node, nullable: false };
}

function typeOf(node: JsonObject): string {
  if (["anyOf", "oneOf", "allOf", "not"].some((word) => word in node)) return "";
  if (typeof node["type"] === "string") return node["type"];
  if (node["type"] !== undefined) return "";
  if (isObject(node["properties"])) return "object";
  return "items" in node ? "array" : "";
}

function choices(node: JsonObject): Json[] | null {
  if ("const" in node) return [node["const"]!];
  if (Array.isArray(node["enum"]) && node["enum"].length) return node["enum"];
  const variants = node["oneOf"] ?? node["anyOf"];
  if (!Array.isArray(variants) || !variants.length) return null;
  return variants.every((v) => isObject(v) && "const" in v) ? variants.map((v) => (v as JsonObject)["const"]!) : null;
}

const label = (value: Json): string => (typeof value === "string" ? value : JSON.stringify(value));

function choice(node: JsonObject, options: Json[], place: Place, nullable: boolean): Fitted {
  const kept = options.filter((o) => o !== null);
  const withNull = nullable || kept.length < options.length;
  const empty = place.required && !withNull ? "Choose one" : "";
  return leaf("choice", node, place, withNull, { type: "string", enum: kept.map(label) }, { select: { placeholder: empty } }, { options: kept }, { stringField: "enumField" });
}

function flag(node: JsonObject, place: Place, nullable: boolean): Fitted {
  const known = typeof node["default"] === "boolean" && !nullable;
  if (known) return leaf("flag", node, place, nullable, { type: "boolean" });
  // A box that is not ticked would be a no that nobody gave.
  return choice(node, [true, false], place, nullable);
}

function text(node: JsonObject, place: Place, nullable: boolean): Fitted {
  const schema = pick(node, ["minLength", "maxLength"], { type: "string" });
  const format = node["format"];
  if (node["writeOnly"] === true || format === "password") {
    return leaf("secret", node, place, nullable, schema, { text: { type: "password", autocomplete: "off" } });
  }
  if (format === "date-time") return leaf("moment", node, place, nullable, { type: "string" }, { text: { type: "datetime-local", step: 1 } });
  if (format === "date" || format === "time") return leaf("text", node, place, nullable, { type: "string" }, { text: { type: format, step: 1 } });
  const long = Number(node["maxLength"] ?? 0) > 200 || String(node["default"] ?? "").includes("\n") || format === "markdown";
  return leaf("text", node, place, nullable, schema, long ? { textarea: { rows: 4 } } : {}, {}, long ? { textWidget: "textareaWidget" } : {});
}

function list(node: JsonObject, place: Place, nullable: boolean): Fitted {
  if (!isObject(node["items"]) || "prefixItems" in node) return json(node, place, nullable);
  const items = fitted(node["items"], { ...place, required: true });
  const schema = pick(node, [...TEXTS.slice(0, 2), "minItems", "maxItems"], { type: "array", items: items.schema });
  return { schema, ui: { items: items.ui }, field: { ...about("list", node, place, nullable), items: items.field } };
}

function object(node: JsonObject, place: Place, nullable: boolean): Fitted {
  const properties = isObject(node["properties"]) ? node["properties"] : {};
  const more = node["additionalProperties"];
  const isRoot = place.path.length === 0 && node === place.root;
  const named = Object.keys(properties).length > 0;
  if (!named && isObject(more) && !("patternProperties" in node)) return map(node, more, place, nullable);
  if (!named && !isRoot) return json(node, place, nullable);
  const required = Array.isArray(node["required"]) ? node["required"] : [];
  const parts = Object.entries(properties).map(([name, inner]) => [name, fitted(inner, { ...place, required: required.includes(name) })] as const);
  const schema: JsonObject = pick(node, ["description"], {
    type: "object",
    properties: Object.fromEntries(parts.map(([name, part]) => [name, { ...part.schema, title: titled(part.schema, name) }])),
    required: required.filter((name) => typeof name === "string" && name in properties),
    additionalProperties: false,
  });
  if (typeof node["title"] === "string" && !isRoot) schema["title"] = node["title"];
  return {
    schema,
    ui: Object.fromEntries(parts.map(([name, part]) => [name, part.ui])),
    field: { ...about("object", node, place, nullable), members: Object.fromEntries(parts.map(([name, part]) => [name, part.field])) },
  };
}

/** Generators make titles of names; the name itself is what callers write. */
function titled(schema: JsonObject, name: string): string {
  const title = schema["title"];
  if (typeof title !== "string") return name;
  return title.toLowerCase().replaceAll(/[^a-z0-9]/g, "") === name.toLowerCase().replaceAll(/[^a-z0-9]/g, "") ? name : title;
}

function map(node: JsonObject, values: JsonObject, place: Place, nullable: boolean): Fitted {
  const items = fitted(values, { ...place, required: true });
  const schema = pick(node, TEXTS.slice(0, 2), { type: "object", additionalProperties: items.schema });
  return { schema, ui: { additionalProperties: items.ui }, field: { ...about("map", node, place, nullable), items: items.field } };
}

function json(given: Json, place: Place, nullable: boolean): Fitted {
  const node = isObject(given) ? given : {};
  const note = "JSON: text stands in quotes.";
  const written = typeof node["description"] === "string" ? `${node["description"]} ${note}` : note;
  const ui = { textarea: { rows: 3, spellcheck: false, class: "sjsf-textarea code" } };
  return leaf("json", { ...node, description: written }, place, nullable, { type: "string" }, ui, {}, { textWidget: "textareaWidget" });
}

function leaf(
  kind: Field["kind"],
  node: JsonObject,
  place: Place,
  nullable: boolean,
  schema: JsonObject,
  options: Record<string, unknown> = {},
  more: Partial<Field> = {},
  components: Record<string, string> = {},
): Fitted {
  const field: Field = { ...about(kind, node, place, nullable), ...more };
  const example = Array.isArray(node["examples"]) ? node["examples"][0] : undefined;
  const hint = example !== undefined && typeof example !== "object" ? { placeholder: `e.g. ${label(example)}` } : {};
  const key = kind === "number" ? "number" : "text";
  const shown = kind === "text" || kind === "number" ? { [key]: { ...hint, ...(options[key] as object | undefined) } } : {};
  return {
    schema: pick(node, TEXTS.slice(0, 2), schema),
    ui: { "ui:options": { ...options, ...shown }, "ui:components": components },
    field,
  };
}

const about = (kind: Field["kind"], node: JsonObject, place: Place, nullable: boolean): Field => ({
  kind,
  required: place.required,
  nullable,
  ...(place.inferred && !place.required ? { own: true } : {}),
  ...("default" in node ? { fallback: node["default"]! } : {}),
});

function pick(node: JsonObject, names: readonly string[], onto: JsonObject): JsonObject {
  for (const name of names) if (node[name] !== undefined) onto[name] = node[name];
  return onto;
}
