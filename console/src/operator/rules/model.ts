/** Where a fault of a condition stands, and what is inserted into it. Pure. */
import type { Fault } from "../../api/types";

export const CALL_ACTIONS = ["pass", "monitor", "label", "challenge", "announce", "reject_603", "reject_608"] as const;
export const MESSAGE_ACTIONS = ["pass", "monitor", "mark", "reject", "drop"] as const;

/** The line and column that the seat names at the head of its words, both from one. */
export function placeOf(fault: Pick<Fault, "en">): { line: number; column: number } | null {
  const match = /^line (\d+), column (\d+)/.exec(fault.en);
  return match ? { line: Number(match[1]), column: Number(match[2]) } : null;
}

/** The offset of a place in a text, in UTF-16 units as a text field counts; the seat counts characters. */
export function offsetOf(text: string, place: { line: number; column: number }): number {
  const lines = text.split("\n");
  const before = lines.slice(0, place.line - 1).reduce((sum, line) => sum + line.length + 1, 0);
  const line = lines[place.line - 1] ?? "";
  return Math.min(text.length, before + Array.from(line).slice(0, place.column - 1).join("").length);
}

/** The line with a mark under the place, for those who read the fault. */
export function markedLine(text: string, place: { line: number; column: number }): { line: string; mark: string } {
  const line = text.split("\n")[place.line - 1] ?? "";
  // A wide character takes two columns of the fixed-width font.
  const width = Array.from(line).slice(0, place.column - 1).reduce((sum, char) => sum + (/[\u1100-\uffdc]/u.test(char) ? 2 : 1), 0);
  return { line, mark: `${" ".repeat(width)}▲` };
}

/** Puts a word where the cursor is, with a space on either side where there is none. */
export function inserted(text: string, at: number, word: string): { text: string; at: number } {
  const before = text.slice(0, at);
  const after = text.slice(at);
  const left = before === "" || /[\s([!]$/.test(before) ? "" : " ";
  const right = after === "" || /^[\s)\]]/.test(after) ? "" : " ";
  const put = `${left}${word}${right}`;
  return { text: before + put + after, at: at + put.length };
}
