// What /v1 answers, as far as the pages read it.

export type Phase = "Queued" | "Starting" | "Running" | "Succeeded" | "Failed" | "Cancelled";
export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };
export type JsonObject = { [name: string]: Json };

export interface Session {
  user: string;
  auth: "loopback" | "token" | "kubernetes";
  version: string;
  namespace: string;
  rights: Record<string, string[]>;
}

export interface Misfit {
  pointer: string;
  detail: string;
  suggestion?: string;
}

export interface ProblemDocument {
  type: string;
  title: string;
  status: number;
  detail?: string;
  errors?: Misfit[];
}

export interface Summary {
  id: string;
  notebook: string | null;
  phase: Phase;
  reason: string | null;
  message: string;
  parameters: string;
  createdBy: string | null;
  cells: { total: number; completed: number } | null;
  createdAt: string;
  startedAt: string | null;
  finishedAt: string | null;
  surface: string | null;
  warnings: number;
}

export interface ReportState {
  notebook: string;
  title: string;
  ready: boolean;
  contract: JsonObject | null;
  parameters: JsonObject;
  result: { id: string; finishedAt: string; current: boolean; href: string } | null;
  running: Summary | null;
  failed: Summary | null;
  due: boolean;
  links: { run: string };
}

export interface NotebookLine {
  id: string;
  title: string;
  description: string;
  authors: string[];
  tags: string[];
  contract: string;
  language: string;
  ready: boolean;
  problem: string | null;
  lastExecution: Summary | null;
  warm: { min: number; max: number; ready: number; coming: number; problem: string | null } | null;
}

export interface Notebook extends NotebookLine {
  name: string;
  digest: string;
  inferred: boolean;
  managedBy: string;
  catalog: string | null;
  version: number | null;
  examples: { name?: string; parameters?: JsonObject }[];
  resolved: { input: JsonObject | null; output: JsonObject | null };
  statistics: { succeeded: number; failed: number; cancelled: number; medianSeconds: number | null };
  links: { self: string; executions: string };
}

export interface Artifact {
  name: string;
  mediaType: string;
  size: number;
  href: string;
}

export interface Attempt {
  number: number;
  createdAt?: string;
  startedAt?: string;
  finishedAt?: string;
  reason?: string;
  message?: string;
  /** Its pod was there before the call. */
  warm?: boolean;
}

export interface PodEvent {
  type: string;
  reason: string;
  message: string;
  count: number;
  firstAt: string | null;
  lastAt: string | null;
  source: string;
}

export interface Explanation {
  fault: "nobody" | "notebook" | "caller" | "cluster";
  sentence: string;
  advice: string;
  cell: number | null;
  lastLines: string[];
}

export interface Warning {
  type: string;
  pointer?: string;
  detail: string;
  suggestion?: string;
  cell?: number;
}

export interface Execution extends Omit<Summary, "parameters" | "warnings"> {
  rerunOf: string | null;
  keep: boolean;
  expiresAt: string | null;
  artifactsExpireAt: string | null;
  notebookDigest: string | null;
  parameters: JsonObject;
  output: Json;
  hasOutput: boolean;
  violations: Misfit[];
  warnings: Warning[];
  exception: { name: string; value?: string; cell?: number; traceback?: string } | null;
  explanation: Explanation;
  cells: { total: number; completed: number } | null;
  attempts: Attempt[];
  artifacts: Artifact[];
  cancelled: boolean;
  createdBy: string | null;
  cancelledBy: string | null;
  links: { self: string; cancel: string; page: string };
}

export const FINAL: readonly Phase[] = ["Succeeded", "Failed", "Cancelled"];
export const isFinal = (phase: Phase): boolean => FINAL.includes(phase);
