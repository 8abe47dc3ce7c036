// The code cells of two executed notebooks beside each other: their source, and how long they took.

export interface Cell {
  id: string;
  source: string;
  seconds: number | null;
}

export interface Line {
  sign: " " | "-" | "+";
  text: string;
}

export interface CellChange {
  place: number;
  before: string | null;
  after: string | null;
  seconds: [number | null, number | null];
  lines: Line[];
}

// Longer ones are told whole: comparing them line by line grows with their product.
const LONGEST = 400;
const AROUND = 2;

export function cellsOf(ipynb: string): Cell[] {
  try {
    const { cells } = JSON.parse(ipynb) as { cells: Record<string, unknown>[] };
    return cells
      .filter((cell) => cell["cell_type"] === "code" && !tags(cell).includes("injected-parameters"))
      .map((cell, index) => ({ id: String(cell["id"] ?? index), source: joined(cell["source"]), seconds: seconds(cell) }));
  } catch {
    return [];
  }
}

const joined = (source: unknown): string => (Array.isArray(source) ? source.join("") : String(source ?? ""));

function tags(cell: Record<string, unknown>): string[] {
  const found = (cell["metadata"] as { tags?: unknown } | undefined)?.tags;
  return Array.isArray(found) ? found.map(String) : [];
}

function seconds(cell: Record<string, unknown>): number | null {
  const told = (cell["metadata"] as { papermill?: { duration?: unknown } } | undefined)?.papermill?.duration;
  return typeof told === "number" ? told : null;
}

/** Cells are the same by their id, else by their place. */
export function changed(before: Cell[], after: Cell[]): CellChange[] {
  const byId = new Map(before.map((cell) => [cell.id, cell]));
  const shared = after.some((cell) => byId.has(cell.id));
  const met = new Set<Cell>();
  const found = after.map((cell, place) => {
    const old = (shared ? byId.get(cell.id) : before[place]) ?? null;
    if (old) met.add(old);
    return one(place, old, cell);
  });
  return [...found, ...before.filter((cell) => !met.has(cell)).map((cell, index) => one(after.length + index, cell, null))];
}

function one(place: number, old: Cell | null, now: Cell | null): CellChange {
  const [before, after] = [old?.source ?? null, now?.source ?? null];
  return { place, before, after, seconds: [old?.seconds ?? null, now?.seconds ?? null], lines: before === after ? [] : lines(before ?? "", after ?? "") };
}

function lines(before: string, after: string): Line[] {
  const [old, now] = [before ? before.split("\n") : [], after ? after.split("\n") : []];
  if (old.length * now.length > LONGEST * LONGEST) return [...old.map(gone), ...now.map(come)];
  return near(walked(old, now, longest(old, now)));
}

const gone = (text: string): Line => ({ sign: "-", text });
const come = (text: string): Line => ({ sign: "+", text });

/** How long the longest common rest is, from each pair of places on. */
function longest(old: string[], now: string[]): number[][] {
  const table = Array.from({ length: old.length + 1 }, () => new Array<number>(now.length + 1).fill(0));
  for (let i = old.length - 1; i >= 0; i--)
    for (let j = now.length - 1; j >= 0; j--)
      table[i]![j] = old[i] === now[j] ? table[i + 1]![j + 1]! + 1 : Math.max(table[i + 1]![j]!, table[i]![j + 1]!);
  return table;
}

function walked(old: string[], now: string[], table: number[][]): Line[] {
  const found: Line[] = [];
  let [i, j] = [0, 0];
  while (i < old.length || j < now.length) {
    if (i < old.length && j < now.length && old[i] === now[j]) found.push({ sign: " ", text: old[i++]! }), j++;
    else if (j >= now.length || (i < old.length && table[i + 1]![j]! >= table[i]![j + 1]!)) found.push(gone(old[i++]!));
    else found.push(come(now[j++]!));
  }
  return found;
}

/** Leave out what is far from any change. */
function near(all: Line[]): Line[] {
  const wanted = new Set<number>();
  all.forEach((line, index) => {
    if (line.sign !== " ") for (let at = index - AROUND; at <= index + AROUND; at++) wanted.add(at);
  });
  return all.filter((_, index) => wanted.has(index));
}
