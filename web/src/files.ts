// Opens and saves artifacts: a link carries no token, so that it carries a ticket of five minutes.

import { call, root } from "./api";
import { token } from "./session.svelte";
import type { Artifact, Execution } from "./types";

async function address(execution: Execution, name: string): Promise<string> {
  const path = `${root}/v1/executions/${encodeURIComponent(execution.id)}/artifacts/${name.split("/").map(encodeURIComponent).join("/")}`;
  if (!token()) return path;
  const body = { artifact: name };
  const { ticket } = await call<{ ticket: string }>(`/v1/executions/${encodeURIComponent(execution.id)}/tickets`, { method: "POST", body });
  return `${path}?ticket=${encodeURIComponent(ticket)}`;
}

export async function save(execution: Execution, artifact: Artifact): Promise<void> {
  const link = document.createElement("a");
  link.href = await address(execution, artifact.name);
  link.download = artifact.name.split("/").at(-1)!;
  link.click();
}

export async function openAlone(execution: Execution, name: string): Promise<void> {
  window.open(await address(execution, name), "_blank", "noopener,noreferrer");
}
