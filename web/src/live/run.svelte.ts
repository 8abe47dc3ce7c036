// The steps of a run, as they are now; what is drawn follows the events a few times a second.

import { nameOf, type Name } from "./names";
import { joined, Replay, type Cell, type Event, type Output } from "./replay";

export type StepState = "waiting" | "running" | "done" | "failed" | "stopped" | "skipped";

// Cells that are over in a moment do not open and fold before anybody has seen them.
const SETTLED = 350;
const REDRAWN = 120;
const STATES: Record<string, StepState> = { ok: "done", error: "failed", stopped: "stopped" };

export class Step {
  state = $state<StepState>("waiting");
  seconds = $state<number | null>(null);
  beganAt = $state<number | null>(null);
  /** Opened or folded by the reader; null where it is left to the state. */
  chosen = $state<boolean | null>(null);
  settled = $state(false);
  /** It ran before the call, in a pod that waited for one. */
  isPrepared = $state(false);
  outputs = $state.raw<{ all: Output[] }>({ all: [] });

  constructor(
    readonly index: number,
    readonly place: number,
    readonly name: Name,
    readonly source: string,
  ) {}

  get isOpen(): boolean {
    return this.chosen ?? (this.state === "failed" || this.state === "stopped" || (this.state === "running" && this.settled));
  }
}

/** As the notebook of a snapshot says it. */
const isPrepared = (cell: Cell | undefined): boolean => (cell?.metadata?.["papermill"] as { prepared?: boolean } | undefined)?.prepared === true;

export class Run {
  steps = $state.raw<Step[]>([]);
  /** The step that runs, or that a run ended in. */
  current = $state.raw<Step | null>(null);
  isOver = $state(false);
  attempt = $state(0);
  startedAt: string | null = null;

  private replay = new Replay();
  private byCell = new Map<number, Step>();
  private touched = new Set<number>();
  private isNew = false;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private openedAt = 0;

  take(event: Event): void {
    if (event.type === "attempt.started") this.begin(event.attempt);
    this.replay.take(event);
    if (event.type === "notebook.planned") this.isNew = true;
    if ("cell" in event) this.touched.add(event.cell);
    if (event.type === "cell.started") {
      this.seen(event.cell);
      if (event.prepared) this.prepared.add(event.cell);
    }
    if (event.type === "execution.finished") {
      this.isOver = true;
      this.draw();
    } else this.timer ??= setTimeout(() => this.draw(), REDRAWN);
  }

  stop(): void {
    clearTimeout(this.timer);
  }

  private begin(attempt: number): void {
    this.openedAt = performance.now();
    if (attempt === this.attempt) return;
    this.attempt = attempt;
    this.replay = new Replay();
    this.isNew = true;
  }

  private prepared = new Set<number>();
  private began = new Map<number, number>();

  private seen(cell: number): void {
    // What is told in one go at the beginning happened before.
    if (performance.now() - this.openedAt > 1500) this.began.set(cell, Date.now());
  }

  private draw(): void {
    this.timer = undefined;
    if (this.isNew) this.plan();
    for (const cell of this.touched) this.update(cell);
    this.touched.clear();
    const { running } = this.replay;
    if (this.isOver) this.end();
    else if (running !== null) this.run(this.byCell.get(running));
  }

  private plan(): void {
    const { cells, toRun, finished } = this.replay;
    const before = this.byCell;
    this.isNew = false;
    this.byCell = new Map();
    this.steps = toRun.map((index, place) => {
      const step = new Step(index, place, nameOf(cells, index), joined(cells[index]?.source));
      step.chosen = before.get(index)?.chosen ?? null;
      this.byCell.set(index, step);
      return step;
    });
    this.current = null;
    for (const index of toRun) if (finished.has(index) || cells[index]?.outputs?.length) this.update(index);
  }

  private update(cell: number): void {
    const step = this.byCell.get(cell);
    if (!step) return;
    step.outputs = { all: this.replay.outputs(cell) };
    step.isPrepared = this.prepared.has(cell) || isPrepared(this.replay.cells[cell]);
    const end = this.replay.finished.get(cell);
    if (!end || this.replay.running === cell) return;
    step.state = STATES[end[0]] ?? "stopped";
    step.seconds = end[1];
    if (step.state !== "done") this.current = step;
    else if (this.current === step) this.current = null;
  }

  private run(step: Step | undefined): void {
    if (!step || (step.state === "running" && this.current === step)) return;
    step.state = "running";
    step.seconds = null;
    step.beganAt = this.began.get(step.index) ?? this.estimate();
    this.current = step;
    setTimeout(() => (step.settled = true), SETTLED);
  }

  /** When the running cell began, for somebody who came later: after everything that is over. */
  private estimate(): number | null {
    if (!this.startedAt) return null;
    const spent = [...this.replay.finished.values()].reduce((sum, [, seconds]) => sum + seconds, 0);
    return new Date(this.startedAt).getTime() + 1000 * spent;
  }

  private end(): void {
    for (const step of this.steps) {
      if (step.state === "running") step.state = "stopped";
      else if (step.state === "waiting") step.state = "skipped";
      if (step.state === "stopped" && !this.current) this.current = step;
    }
    const last = this.replay.running;
    if (last !== null && this.byCell.has(last)) {
      const step = this.byCell.get(last)!;
      step.state = "stopped";
      this.current = step;
    }
  }
}
