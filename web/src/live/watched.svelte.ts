// One execution that somebody looks at: what the API says of it, and what its cells do.

import { call, Failure } from "../api";
import { isFinal, type Execution, type Phase } from "../types";
import { Run } from "./run.svelte";
import { follow } from "./stream";
import type { Event } from "./replay";

export class Watched {
  execution = $state.raw<Execution | null>(null);
  failure = $state<Failure | null>(null);
  readonly run = new Run();
  private isFollowed = false;
  private asking: Promise<void> = Promise.resolve();

  constructor(
    readonly address: string,
    private readonly signal: AbortSignal,
  ) {}

  get isOver(): boolean {
    return this.execution !== null && isFinal(this.execution.phase);
  }

  /** Look at it until it is over. What a run that succeeded long ago printed is left until somebody asks. */
  async watch(): Promise<void> {
    for (let pause = 1000; !this.signal.aborted && !this.execution; pause = Math.min(2 * pause, 15_000)) {
      await this.ask();
      if (this.execution) break;
      if (this.failure && isRefusal(this.failure)) return;
      await new Promise((done) => setTimeout(done, pause));
    }
    if (this.execution?.phase !== "Succeeded") await this.follow();
  }

  async follow(): Promise<void> {
    if (this.isFollowed || this.signal.aborted) return;
    this.isFollowed = true;
    const away = (failure: Failure | null): void => void (this.failure = failure);
    await follow(this.address, { take: (event) => this.take(event), away }, this.signal);
    await this.asking;
    this.run.stop();
  }

  private take(event: Event): void {
    if (event.type === "execution.phase" || event.type === "execution.finished") this.changed(event);
    this.run.take(event);
  }

  private changed(event: { phase: Phase; reason: string | null; message: string }): void {
    const known = this.execution;
    if (known && known.phase === event.phase && known.reason === event.reason && known.message === event.message) return;
    this.asking = this.asking.then(() => this.ask(isFinal(event.phase) ? 10 : 0));
  }

  /** Ask the API; wait: seconds in which another replica may come to know what was just told. */
  async ask(wait = 0): Promise<void> {
    try {
      this.execution = await call<Execution>(this.address + (wait ? `?wait=${wait}` : ""), { signal: this.signal });
      this.run.startedAt = this.execution.startedAt;
      this.failure = null;
    } catch (error) {
      if (this.signal.aborted) return;
      if (!(error instanceof Failure)) throw error;
      this.failure = error;
    }
  }
}

const isRefusal = ({ status }: Failure): boolean => status >= 400 && status < 500 && status !== 429;
