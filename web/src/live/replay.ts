// Applies the events of a run's log just as podbook_crds/log/replay.py does.

import { splice } from "./codepoints";
import type { Json, JsonObject, Phase } from "../types";

export interface Output {
  output_type: string;
  name?: string;
  text?: string;
  points?: number;
  data?: JsonObject;
  metadata?: JsonObject;
  ename?: string;
  evalue?: string;
  traceback?: string[];
}

export interface Cell {
  cell_type: string;
  source: string | string[];
  outputs?: Output[];
  execution_count?: number | null;
  metadata?: Record<string, unknown>;
}

export type End = [status: string, seconds: number];

export type Event =
  | { type: "notebook.planned"; notebook: { cells: Cell[] }; toRun: number[]; running: number | null; finished: Record<string, End> }
  | { type: "cell.started"; cell: number; prepared?: boolean }
  | { type: "cell.finished"; cell: number; status: string; seconds: number; executionCount?: number | null }
  | { type: "stream.spliced"; cell: number; output: number; at: number; remove: number; text: string }
  | { type: "outputs.spliced"; cell: number; at: number; remove: number; outputs: Output[] }
  | { type: "metadata.changed"; metadata: Json }
  | { type: "attempt.started"; attempt: number }
  | { type: "execution.phase" | "execution.finished"; phase: Phase; reason: string | null; message: string };

export const joined = (text: unknown): string => (Array.isArray(text) ? text.join("") : String(text ?? ""));

export class Replay {
  cells: Cell[] = [];
  toRun: number[] = [];
  running: number | null = null;
  finished = new Map<number, End>();
  isPlanned = false;

  /** Take in the next event; one of a type that is not known changes nothing. */
  take(event: Event): void {
    if (event.type === "notebook.planned") this.plan(event);
    else if (this.isPlanned) this.change(event);
  }

  outputs(cell: number): Output[] {
    return (this.cells[cell]!.outputs ??= []);
  }

  private plan(event: Event & { type: "notebook.planned" }): void {
    this.isPlanned = true;
    this.cells = event.notebook.cells;
    this.toRun = event.toRun;
    this.running = event.running;
    this.finished = new Map(Object.entries(event.finished).map(([cell, end]) => [Number(cell), end]));
  }

  private change(event: Event): void {
    if (event.type === "cell.started") {
      this.cells[event.cell]!.outputs = [];
      this.running = event.cell;
    } else if (event.type === "cell.finished") {
      this.finished.set(event.cell, [event.status, event.seconds]);
      this.running = null;
      if (event.executionCount !== undefined) this.cells[event.cell]!.execution_count = event.executionCount;
    } else if (event.type === "stream.spliced") {
      const output = this.outputs(event.cell)[event.output]!;
      if (typeof output.text !== "string") output.text = joined(output.text);
      splice(output as Output & { text: string }, event.at, event.remove, event.text);
    } else if (event.type === "outputs.spliced") {
      const outputs = this.outputs(event.cell);
      this.cells[event.cell]!.outputs = [...outputs.slice(0, event.at), ...event.outputs, ...outputs.slice(event.at + event.remove)];
    }
  }
}
