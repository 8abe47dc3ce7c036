// Calls the API of the same origin, and nothing else.

import { session, token } from "./session.svelte";
import type { ProblemDocument } from "./types";

/** What a proxy puts before every path; known from where this script was loaded. */
export const root = new URL(import.meta.url).pathname.replace(/\/assets\/[^/]*$/, "").replace(/\/src\/[^/]*$/, "");

export class Failure extends Error {
  constructor(
    readonly status: number,
    readonly problem: ProblemDocument,
  ) {
    super(problem.detail ?? problem.title);
  }
}

interface Options {
  method?: "GET" | "POST" | "DELETE";
  body?: unknown;
  signal?: AbortSignal;
}

export async function call<T>(path: string, options: Options = {}): Promise<T> {
  const answer = await send(path, "application/json", options);
  return (answer.status === 204 ? undefined : await answer.json()) as T;
}

/** The answer as it comes, for as long as it goes on. */
export const open = (path: string, accept: string, signal: AbortSignal): Promise<Response> => send(path, accept, { signal });

export async function text(path: string, signal?: AbortSignal): Promise<string> {
  return await (await send(path, "*/*", { signal })).text();
}

async function send(path: string, accept: string, options: Options): Promise<Response> {
  const headers: Record<string, string> = { Accept: accept };
  const shown = token();
  if (shown) headers["Authorization"] = `Bearer ${shown}`;
  if (options.body !== undefined) headers["Content-Type"] = "application/json";
  // Who presses Run wants a run, whatever answers there are.
  if (options.method === "POST") headers["Cache-Control"] = "no-cache";
  let answer: Response;
  try {
    answer = await fetch(path.startsWith("/v1") ? root + path : path, {
      method: options.method ?? "GET",
      headers,
      body: options.body === undefined ? undefined : JSON.stringify(options.body),
      signal: options.signal,
    });
  } catch (error) {
    if (options.signal?.aborted) throw error;
    throw new Failure(0, { type: "", status: 0, title: "Podbook does not answer", detail: "It may be stopped, or the network is away." });
  }
  if (answer.ok) return answer;
  if (answer.status === 401) session.signedOut = true;
  throw new Failure(answer.status, await problemOf(answer));
}

async function problemOf(answer: Response): Promise<ProblemDocument> {
  try {
    return (await answer.json()) as ProblemDocument;
  } catch {
    return { type: "", status: answer.status, title: `The answer was ${answer.status}` };
  }
}

export const segments = (id: string): string => id.split("/").map(encodeURIComponent).join("/");
