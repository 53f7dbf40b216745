import { describe, expect, it } from "vitest";
import type { LivePoint } from "../../api/types";
import { filled, formatBytes, formatNanos, scaleOf, share } from "./model";

const point = (at: string, calls: number): LivePoint => ({ at, calls, calls_stopped: 1, calls_labelled: 0, messages: 0, messages_stopped: 0, messages_marked: 0, cut: 0 });

describe("figures", () => {
  it.each([[850, "850 ns"], [1_400, "1.40 µs"], [23_000, "23.0 µs"], [2_300_000, "2.30 ms"], [150_000_000, "150 ms"]])("%i ns reads as %s", (ns, text) => expect(formatNanos(ns)).toBe(text));
  it.each([[0, "0 B"], [999, "999 B"], [1_500_000, "1.5 MB"], [12_345_678_901, "12.3 GB"]])("%i bytes read as %s", (bytes, text) => expect(formatBytes(bytes)).toBe(text));
  it("a share that is small but there does not read as nothing", () => {
    expect(share(1, 100_000)).toBe("0.001");
    expect(share(0, 10)).toBe("0");
    expect(share(1, 0)).toBe("0");
    expect(share(1, 3)).toBe("33");
  });
});

it("silent seconds are zeros, and the second that still runs is left out", () => {
  const now = Date.parse("2026-11-24T08:00:05.400Z");
  const rows = filled([point("2026-11-24T08:00:02Z", 7), point("2026-11-24T08:00:05Z", 3)], now, 1000, 4);
  expect(rows.map((row) => row.calls)).toEqual([0, 7, 0, 0]);
});

it("a wall is drawn larger, a small screen never smaller", () => {
  expect(scaleOf(3840, 2160)).toBeCloseTo(2.81, 2);
  expect(scaleOf(1024, 768)).toBe(1);
});
