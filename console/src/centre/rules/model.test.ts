import { expect, it } from "vitest";
import { boundsOf, kindsOf } from "./model";

it("a rule of line orders shows their kinds, and no level or amount that it does not have", () => {
  const lines = { kinds: [], line_kinds: ["warn_contacts" as const], level_max: null, line_hours_max: 0, report_age_hours_max: 72 };
  expect(kindsOf(lines).map(({ words, kind }) => words[kind]?.en)).toEqual(["Warn contacts"]);
  expect(boundsOf(lines)).toEqual([{ text: "ageWithin", n: 72 }]);
  expect(boundsOf({ ...lines, line_hours_max: 24 }).map(({ text }) => text)).toEqual(["hoursUpTo", "ageWithin"]);
  const banks = { kinds: ["stop" as const], line_kinds: [], level_max: 12, line_hours_max: 0, report_age_hours_max: 72 };
  expect(boundsOf(banks)).toEqual([{ text: "levelTo", n: 12 }, { text: "ageWithin", n: 72 }]);
});
