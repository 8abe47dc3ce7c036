// Reads of a notebook what the pages show of it as text.

interface Cell {
  cell_type?: unknown;
  source?: unknown;
}

/** The source of one cell, by its index; null where the notebook has none there. */
export function source(ipynb: string, index: number): string | null {
  try {
    const cell = (JSON.parse(ipynb) as { cells: Cell[] }).cells[index];
    if (!cell) return null;
    return Array.isArray(cell.source) ? cell.source.join("") : String(cell.source ?? "");
  } catch {
    return null;
  }
}
