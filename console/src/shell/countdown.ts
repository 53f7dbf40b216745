/** The grades of a running term: at which share of it left the colour and the sign change. Pure. */

export type Grade = "calm" | "soon" | "urgent" | "over";

/** Below a quarter of the term left: amber. */
export const SOON_SHARE = 0.25;
/** Below a twelfth left (4 of 48 hours): red. */
export const URGENT_SHARE = 1 / 12;

export function gradeOf(now: number, start: number | null, end: number): Grade {
  const left = end - now;
  if (left <= 0) return "over";
  const term = start === null || start >= end ? 0 : end - start;
  if (term === 0) return left < 10 * 60_000 ? "urgent" : left < 60 * 60_000 ? "soon" : "calm";
  const share = left / term;
  return share <= URGENT_SHARE ? "urgent" : share <= SOON_SHARE ? "soon" : "calm";
}

/** Sorts by what ends first; what has no end comes last. */
export function byEnd<T>(endOf: (row: T) => string | null | undefined): (a: T, b: T) => number {
  const value = (row: T) => {
    const end = endOf(row);
    return end ? Date.parse(end) : Number.POSITIVE_INFINITY;
  };
  return (a, b) => {
    const [left, right] = [value(a), value(b)];
    return left === right ? 0 : left < right ? -1 : 1;
  };
}
