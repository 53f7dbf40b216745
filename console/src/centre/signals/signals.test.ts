import { expect, it } from "vitest";
import type { SignalHour } from "../../api/types";
import { byHour, byReason } from "./model";

const hour = (at: string, action: SignalHour["action"], count: number, reason: SignalHour["reason"] = "list"): SignalHour => ({ hour: at, partner: "telecom-a", channel: "call", action, reason, detail: "", count });

it("an hour without events is a zero, not a gap", () => {
  const sums = byHour([hour("2026-11-24T08:00:00Z", "pass", 90), hour("2026-11-24T08:00:00Z", "reject", 10), hour("2026-11-24T11:00:00Z", "label", 4)], Date.parse("2026-11-24T12:20:00Z"), 5);
  expect(sums.map((one) => [one.seen, one.stopped, one.warned])).toEqual([[100, 10, 0], [0, 0, 0], [0, 0, 0], [4, 0, 4], [0, 0, 0]]);
});

it("a challenged call is stopped, as the carrier's own pages count it", () => {
  const at = "2026-11-24T08:00:00Z";
  const sums = byHour([hour(at, "reject", 143), hour(at, "challenge", 8), hour(at, "label", 15), hour(at, "monitor", 2), hour(at, "cut", 1)], Date.parse("2026-11-24T08:20:00Z"), 1);
  expect(sums.map((one) => [one.stopped, one.warned])).toEqual([[151, 15]]);
  expect(byReason([hour(at, "challenge", 8)]).map((one) => one.count)).toEqual([8]);
});

it("reasons are counted for what was stopped, the most frequent first", () => {
  const sums = byReason([hour("2026-11-24T08:00:00Z", "pass", 90, "none"), hour("2026-11-24T08:00:00Z", "reject", 3), hour("2026-11-24T09:00:00Z", "announce", 5, "rule"), hour("2026-11-24T09:00:00Z", "reject", 4)]);
  expect(sums.map((one) => [one.reason, one.count])).toEqual([["list", 7], ["rule", 5]]);
});
