import { expect, it } from "vitest";
import { INTAKE } from "../centre/intake/texts";
import { LINES } from "../centre/lines/texts";
import { STOP } from "../centre/stop/texts";
import { hintsFor } from "./hints";

it("a hint names a key only to those who may use it", () => {
  const hints: [string | null, string][] = [[null, "j / k to move."], ["stop.check", "A approves, R refuses."]];
  expect(hintsFor(() => false, hints)).toBe("j / k to move.");
  expect(hintsFor((right) => right === "stop.check", hints)).toBe("j / k to move. A approves, R refuses.");
});

it("what everybody is told names no key of an act", () => {
  for (const { zh, en } of [INTAKE.pickHint, INTAKE.emptyDraftHint, LINES.pickHint, STOP.pickHint]) {
    expect(zh).not.toMatch(/[A-Z]/);
    expect(en).not.toMatch(/\b[A-Z]\b/);
  }
});
