// The address decides which page is shown; links change it without loading anything.

import { tick } from "svelte";
import { root } from "./api";

export const route = $state({ path: here(), query: location.search });

function here(): string {
  return location.pathname.slice(root.length) || "/";
}

export function href(path: string): string {
  return root + path;
}

export function go(path: string, how: { replace?: boolean; keep?: boolean } = {}): void {
  history[how.replace ? "replaceState" : "pushState"](null, "", root + path);
  follow(how.keep ?? false);
}

function follow(keep: boolean): void {
  route.path = here();
  route.query = location.search;
  if (!keep) void toHeading();
}

/** Every change of page begins at its heading, for eyes and for screen readers. */
async function toHeading(): Promise<void> {
  await tick();
  window.scrollTo(0, 0);
  document.querySelector<HTMLElement>("h1")?.focus({ preventScroll: true });
}

addEventListener("popstate", () => follow(false));

/** Follow links within the pages here; leave those of the browser to the browser. */
export function onclick(event: MouseEvent): void {
  const link = (event.target as Element).closest?.("a");
  if (!link || event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  if (link.target || link.hasAttribute("download") || link.origin !== location.origin) return;
  const path = link.pathname.slice(root.length) || "/";
  if (!/^\/($|notebooks\/|reports\/|executions($|\/))/.test(path) || link.hash) return;
  event.preventDefault();
  go(path + link.search);
}

/** Whether it stands in somebody's page: then it is the result and its age alone. */
export const isEmbedded = (): boolean => parameter("podbook.embed") === "1";

export const parameter = (name: string): string => new URLSearchParams(route.query).get(name) ?? "";

export function withParameters(changes: Record<string, string>): string {
  const query = new URLSearchParams(location.search);
  for (const [name, value] of Object.entries(changes)) {
    if (value) query.set(name, value);
    else query.delete(name);
  }
  const text = query.toString();
  return here() + (text ? `?${text}` : "");
}
