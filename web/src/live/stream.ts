// Reads a run's log as it grows: lines of JSON by fetch, as no EventSource can show a token.

import { Failure, open } from "../api";
import type { Event } from "./replay";

export interface Reader {
  take(event: Event): void;
  /** Nothing comes at the moment, and why; null as soon as something does. */
  away(failure: Failure | null): void;
}

// The server says something every 15 s: a connection that says nothing for longer is dead.
const SILENT = 40_000;
const PAUSES = [300, 1000, 2000, 5000, 10_000];
// As long as one stretch of work may keep the page from answering.
const STRETCH = 12;

/** Tell the reader everything, each event once, until the run has ended or the signal says so. */
export async function follow(address: string, reader: Reader, signal: AbortSignal): Promise<void> {
  let last = "";
  for (let tries = 0; !signal.aborted; ) {
    const connection = new AbortController();
    const stop = () => connection.abort();
    signal.addEventListener("abort", stop);
    let silence = setTimeout(stop, SILENT);
    try {
      const query = last ? `?after=${encodeURIComponent(last)}` : "";
      const answer = await open(`${address}/events${query}`, "application/x-ndjson", connection.signal);
      for await (const line of lines(answer.body!)) {
        clearTimeout(silence);
        silence = setTimeout(stop, SILENT);
        if (!line) continue;
        const event = JSON.parse(line) as Event & { id?: string };
        reader.take(event);
        reader.away(null);
        last = event.id ?? last;
        tries = 0;
        if (event.type === "execution.finished") return;
      }
    } catch (error) {
      if (signal.aborted) return;
      const failure = error instanceof Failure ? error : lost();
      reader.away(failure);
      if (failure.status >= 400 && failure.status < 500 && failure.status !== 429) return;
    } finally {
      clearTimeout(silence);
      signal.removeEventListener("abort", stop);
      stop();
    }
    await new Promise((done) => setTimeout(done, PAUSES[Math.min(tries++, PAUSES.length - 1)]));
  }
}

const lost = (): Failure => new Failure(0, { type: "", status: 0, title: "The connection was lost" });

async function* lines(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  const chunks = body.getReader();
  let begun: string[] = [];
  let since = performance.now();
  for (;;) {
    const { done, value } = await chunks.read();
    if (done) return;
    const [first, ...others] = decoder.decode(value, { stream: true }).split("\n");
    begun.push(first!);
    for (const next of others) {
      yield begun.join("");
      begun = [next];
      if (performance.now() - since > STRETCH) {
        await breath();
        since = performance.now();
      }
    }
  }
}

/** Let the page draw and answer; a timer would be held back in a tab that nobody looks at. */
function breath(): Promise<void> {
  return new Promise((done) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => (port1.close(), done());
    port2.postMessage(null);
  });
}
