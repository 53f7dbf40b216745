/** How many more orders a person lets a chase issue. */

/** The seat lets no more go in one act. */
export const ORDER_MORE_MAX = 1_000;
/** Suggested at first; the officer says how many. */
export const ORDER_MORE_FIRST = 100;

/** A whole number from 1 to the maximum, or nothing. */
export function countOf(text: string): number | null {
  const typed = text.trim();
  if (!/^\d{1,4}$/.test(typed)) return null;
  const count = Number(typed);
  return count >= 1 && count <= ORDER_MORE_MAX ? count : null;
}
