/** Hints beside an empty detail name a key only to those who may use it. Pure. */

/** A sentence, and the right that what it speaks of needs; none where everybody may. */
export type Hint<R extends string> = [right: R | null, sentence: string];

export function hintsFor<R extends string>(may: (right: R) => boolean, hints: Hint<R>[]): string {
  return hints.filter(([right]) => right === null || may(right)).map(([, sentence]) => sentence).join(" ");
}
