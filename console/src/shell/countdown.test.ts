import { describe, expect, it } from "vitest";
import { byEnd, gradeOf } from "./countdown";

const HOUR = 3_600_000;
const TERM = 48 * HOUR;

describe("the grade of a 48-hour stop", () => {
  const cases: [string, number, string][] = [
    ["just begun", TERM, "calm"],
    ["more than a quarter left", 12 * HOUR + 1, "calm"],
    ["a quarter left", 12 * HOUR, "soon"],
    ["more than a twelfth left", 4 * HOUR + 1, "soon"],
    ["a twelfth left", 4 * HOUR, "urgent"],
    ["a millisecond left", 1, "urgent"],
    ["at its end", 0, "over"],
    ["after its end", -1, "over"],
  ];
  it.each(cases)("%s", (_name, left, expected) => {
    expect(gradeOf(TERM - left, 0, TERM)).toBe(expected);
  });
});

describe("a deadline whose beginning is unknown", () => {
  it.each([[61, "calm"], [60 - 1, "soon"], [9, "urgent"], [0, "over"]] as const)("%i minutes left", (minutes, expected) => {
    expect(gradeOf(0, null, minutes * 60_000)).toBe(expected);
  });
  it("does not divide by a term that is no term", () => {
    expect(gradeOf(0, 100, 100)).toBe("urgent");
  });
});

it("what ends first comes first, what has no end last", () => {
  const rows = [{ end: null }, { end: "2026-11-24T10:00:00Z" }, { end: "2026-11-24T09:59:59Z" }, { end: undefined }];
  expect(rows.sort(byEnd((row) => row.end)).map((row) => row.end)).toEqual(["2026-11-24T09:59:59Z", "2026-11-24T10:00:00Z", null, undefined]);
});
