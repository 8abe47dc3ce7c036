// Ids are for programs; people get their beginning.

export function shortId(id: string): string {
  return id.length > 12 && /^[0-9a-f-]+$/i.test(id) ? id.slice(0, 8) : id;
}

export function bytes(size: number): string {
  if (size < 1000) return `${size} B`;
  if (size < 1_000_000) return `${(size / 1000).toFixed(size < 10_000 ? 1 : 0)} kB`;
  return `${(size / 1_000_000).toFixed(1)} MB`;
}
