// Offsets in a log count code points, as Python does; a JavaScript string counts UTF-16 units.

export interface Text {
  text: string;
  /** Its length in code points; unknown until somebody splices. */
  points?: number;
}

const isHigh = (unit: number): boolean => unit >= 0xd800 && unit < 0xdc00;
const isLow = (unit: number): boolean => unit >= 0xdc00 && unit < 0xe000;

export function count(text: string): number {
  let points = text.length;
  for (let i = 1; i < text.length; i++) if (isLow(text.charCodeAt(i)) && isHigh(text.charCodeAt(i - 1))) points--;
  return points;
}

/** From `at` on, `remove` code points become others. */
export function splice(held: Text, at: number, remove: number, added: string): void {
  const points = (held.points ??= count(held.text));
  if (at >= points) held.text += added;
  else held.text = held.text.slice(0, unit(held, at)) + added + held.text.slice(unit(held, at + remove));
  held.points = points - Math.max(0, Math.min(remove, points - at)) + count(added);
}

/** Where a code point begins; counted from the nearer end, as most changes are at the end of a text. */
function unit({ text, points }: Text, at: number): number {
  if (at >= points!) return text.length;
  if (points === text.length) return at;
  if (at > points! / 2) return backwards(text, points! - at);
  let i = 0;
  for (let left = at; left > 0; left--) i += isHigh(text.charCodeAt(i)) && isLow(text.charCodeAt(i + 1)) ? 2 : 1;
  return i;
}

function backwards(text: string, left: number): number {
  let i = text.length;
  for (; left > 0; left--) i -= isLow(text.charCodeAt(i - 1)) && isHigh(text.charCodeAt(i - 2)) ? 2 : 1;
  return i;
}
