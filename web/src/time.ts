// Times as people say them; the exact one stays one hover away.

const exactFormat = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "long" });
const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const day = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });
const dayAndYear = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", year: "numeric" });

export const exact = (moment: Date): string => exactFormat.format(moment);

export function told(moment: Date, now: Date): string {
  const seconds = (now.getTime() - moment.getTime()) / 1000;
  if (seconds > 0 && seconds < 1) return `${seconds.toFixed(2)} s`;
  if (seconds < 10) return "just now";
  if (seconds < 60) return `${Math.floor(seconds)} s ago`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  if (moment.toDateString() === now.toDateString()) return `today ${clock.format(moment)}`;
  const yesterday = new Date(now.getTime() - 86_400_000);
  if (moment.toDateString() === yesterday.toDateString()) return `yesterday ${clock.format(moment)}`;
  const date = moment.getFullYear() === now.getFullYear() ? day : dayAndYear;
  return `${date.format(moment)}, ${clock.format(moment)}`;
}

export function duration(seconds: number): string {
  if (seconds > 0 && seconds < 1) return `${seconds.toFixed(2)} s`;
  if (seconds < 10) return `${Math.max(0, seconds).toFixed(1)} s`;
  if (seconds < 60) return `${Math.round(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${Math.floor(seconds % 60)} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** How long it took, or has taken until now; empty before it began. */
export function took(run: { startedAt: string | null; finishedAt: string | null }, now: Date): string {
  if (!run.startedAt) return "";
  const end = run.finishedAt ? new Date(run.finishedAt) : now;
  return duration((end.getTime() - new Date(run.startedAt).getTime()) / 1000);
}
