// Parameters as the address of a dashboard has them: typed as `podbook run -p` types them.

import type { Json, JsonObject } from "../types";

/** The query for these parameters, without those that hold anyway. */
export function queryOf(parameters: JsonObject, contract: JsonObject): string {
  const properties = (contract["properties"] ?? {}) as Record<string, Json>;
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    const declared = schemaOf(properties[name]);
    if (JSON.stringify(declared["default"]) === JSON.stringify(value)) continue;
    query.set(name, declared["type"] === "string" && typeof value === "string" ? value : written(value));
  }
  return query.toString();
}

const schemaOf = (node: Json | undefined): JsonObject => (node !== null && typeof node === "object" && !Array.isArray(node) ? node : {});

/** Text that would be read as JSON stands in quotes. */
export function written(value: unknown): string {
  if (typeof value !== "string") return JSON.stringify(value);
  try {
    JSON.parse(value);
    return JSON.stringify(value);
  } catch {
    return value;
  }
}
