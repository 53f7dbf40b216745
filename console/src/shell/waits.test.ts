import { expect, it } from "vitest";
import { queuesOf, waitsOf } from "./waits";

const DESK = {
  count: ["drafts" as const, "report_pairs" as const],
  queues: [{ path: "/intake?queue=public", text: "navPublic", count: "public_drafts" as const, hot: true as const }, { path: "/intake/pairs", text: "navPairs", count: "report_pairs" as const }],
};

it("a desk shows the sum of what waits, and presses where a queue does", () => {
  // Drafts of the public page are drafts, too: they are not counted twice.
  expect(waitsOf(DESK, { drafts: 3, public_drafts: 2, report_pairs: 1 })).toEqual({ n: 4, hot: true });
  expect(waitsOf(DESK, { drafts: 3, public_drafts: 0, report_pairs: 1 })).toEqual({ n: 4, hot: false });
  expect(waitsOf({ count: ["review"], hot: "overdue" }, { review: 1, overdue: 1 })).toEqual({ n: 1, hot: true });
  expect(waitsOf({}, {}, 2)).toEqual({ n: 2, hot: true });
  expect(waitsOf({ count: ["review"] }, {})).toEqual({ n: 0, hot: false });
});

it("a queue stands below its desk only while something waits in it", () => {
  expect(queuesOf(DESK, { public_drafts: 0, report_pairs: 5 }).map(({ path, n }) => [path, n])).toEqual([["/intake/pairs", 5]]);
  expect(queuesOf(DESK, {})).toEqual([]);
});
