// The same call in the words of each tool.

import { root, segments } from "./api";
import { written } from "./form/query";
import type { JsonObject } from "./types";

export interface Call {
  tool: string;
  text: string;
}

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
const isPlain = (text: string): boolean => /^[\w./:=@%+-]+$/.test(text);
const word = (text: string): string => (isPlain(text) ? text : quoted(text));

interface Target {
  id: string;
  /** Of the Notebook resource. */
  name: string;
  wantsToken: boolean;
}

export function calls(target: Target, parameters: JsonObject): Call[] {
  return [
    { tool: "curl", text: curl(target, parameters) },
    { tool: "Python", text: python(target, parameters) },
    { tool: "podbook run", text: podbook(target, parameters) },
    { tool: "kubectl", text: kubectl(target, parameters) },
    { tool: "MCP", text: mcp(target, parameters) },
  ];
}

function curl({ id, wantsToken }: Target, parameters: JsonObject): string {
  const lines = [`curl ${word(`${location.origin}${root}/v1/notebooks/${segments(id)}/executions?wait=60`)}`];
  if (wantsToken) lines.push(`  -H "Authorization: Bearer $PODBOOK_TOKEN"`);
  lines.push(`  --json ${quoted(JSON.stringify({ parameters }))}`);
  return lines.join(" \\\n");
}

function python({ id, wantsToken }: Target, parameters: JsonObject): string {
  const token = wantsToken ? ', token=os.environ["PODBOOK_TOKEN"]' : "";
  return [
    ...(wantsToken ? ["import os"] : []),
    "import podbook",
    "",
    `client = podbook.Client(${JSON.stringify(location.origin + root)}${token})`,
    `print(client.notebooks[${JSON.stringify(id)}](${keywords(parameters)}))`,
  ].join("\n");
}

const KEYWORDS = new Set("False None True and as assert async await break class continue def del elif else except finally for from global if import in is lambda nonlocal not or pass raise return try while with yield".split(" "));
const isName = (text: string): boolean => /^[A-Za-z_]\w*$/.test(text) && !KEYWORDS.has(text);

function keywords(parameters: JsonObject): string {
  const pairs = Object.entries(parameters);
  if (pairs.some(([name]) => !isName(name))) return `**${literal(parameters)}`;
  return pairs.map(([name, value]) => `${name}=${literal(value)}`).join(", ");
}

/** The line for one client; what it is told to do stands behind it as a comment, so that all can be pasted. */
function mcp({ id, wantsToken }: Target, parameters: JsonObject): string {
  const header = wantsToken ? ' --header "Authorization: Bearer $PODBOOK_TOKEN"' : "";
  return [
    `claude mcp add --transport http podbook ${word(`${location.origin}${root}/mcp`)}${header}`,
    `# Then: run_notebook ${JSON.stringify({ notebook: id, parameters })}`,
    "# For other clients: podbook mcp",
  ].join("\n");
}

function literal(value: unknown): string {
  if (value === null) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (Array.isArray(value)) return `[${value.map(literal).join(", ")}]`;
  if (typeof value === "object") return `{${Object.entries(value).map(([k, v]) => `${JSON.stringify(k)}: ${literal(v)}`).join(", ")}}`;
  return JSON.stringify(value);
}

function podbook({ id, wantsToken }: Target, parameters: JsonObject): string {
  const given = Object.entries(parameters).map(([name, value]) => `-p ${word(`${name}=${written(value)}`)}`);
  const where = location.port === "5050" && !wantsToken ? [] : ["--url", word(location.origin + root)];
  return ["podbook run", word(id), ...where, ...given].join(" ");
}

function kubectl({ name }: Target, parameters: JsonObject): string {
  const resource = {
    apiVersion: "podbook.dev/v1alpha1",
    kind: "NotebookExecution",
    metadata: { generateName: `${name.slice(0, 40).replace(/-+$/, "")}-` },
    spec: { notebook: { name }, parameters },
  };
  return `kubectl create -f - <<'EOF'\n${JSON.stringify(resource, null, 2)}\nEOF`;
}
