// Leads the server's pointers to the fields that they mean.

import type { Misfit } from "../types";
import type { Field } from "./schema-to-fields";

export interface Place {
  path: (string | number)[];
  message: string;
}

const MISSING = /^'(.+?)' is a required property/;

export function placed(field: Field, misfit: Misfit): Place {
  const parts = misfit.pointer.split("/").slice(1).map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
  const path = within(field, parts[0] === "parameters" ? parts.slice(1) : []);
  const missing = MISSING.exec(misfit.detail);
  const member = missing ? at(field, path)?.members?.[missing[1]!] : undefined;
  const said = misfit.suggestion ? `${misfit.detail}; did you mean ${misfit.suggestion}?` : misfit.detail;
  return member ? { path: [...path, missing![1]!], message: "This is needed." } : { path, message: said };
}

/** As deep as the form goes: inside a field for JSON there are no fields. */
function within(field: Field, parts: string[]): (string | number)[] {
  const path: (string | number)[] = [];
  let here: Field | undefined = field;
  for (const part of parts) {
    const next: Field | undefined = here?.members?.[part] ?? here?.items;
    if (!next) break;
    path.push(here?.kind === "list" ? Number(part) : part);
    here = next;
  }
  return path;
}

function at(field: Field, path: (string | number)[]): Field | undefined {
  return path.reduce<Field | undefined>((here, part) => here?.members?.[String(part)] ?? here?.items, field);
}
