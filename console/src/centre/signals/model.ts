/** Counters by hour, gathered for the chart and the table of reasons. Pure. */
import type { SignalHour } from "../../api/types";

/** Whether the call or message did not arrive. */
export function isStopped(action: string): boolean {
  return ["reject", "drop", "announce"].includes(action);
}

export interface HourSums {
  at: number;
  seen: number;
  stopped: number;
  warned: number;
}

const HOUR_MS = 3_600_000;

/** One row an hour for so many hours up to now, also for those in which nothing was counted: the axis is the time asked for. */
export function byHour(hours: SignalHour[], now: number, count: number): HourSums[] {
  const sums = new Map<number, HourSums>();
  for (const one of hours) {
    const at = Date.parse(one.hour);
    const sum = sums.get(at) ?? { at, seen: 0, stopped: 0, warned: 0 };
    sum.seen += one.count;
    if (isStopped(one.action)) sum.stopped += one.count;
    if (one.action === "label" || one.action === "challenge") sum.warned += one.count;
    sums.set(at, sum);
  }
  const last = Math.floor(now / HOUR_MS) * HOUR_MS;
  return Array.from({ length: count }, (_, index) => {
    const at = last - (count - 1 - index) * HOUR_MS;
    return sums.get(at) ?? { at, seen: 0, stopped: 0, warned: 0 };
  });
}

/** What was stopped and why, the most frequent first. */
export function byReason(hours: SignalHour[]): { channel: string; reason: string; detail: string; count: number }[] {
  const sums = new Map<string, { channel: string; reason: string; detail: string; count: number }>();
  for (const one of hours) {
    if (!isStopped(one.action)) continue;
    const key = `${one.channel}/${one.reason}/${one.detail}`;
    const sum = sums.get(key) ?? { channel: one.channel, reason: one.reason, detail: one.detail, count: 0 };
    sum.count += one.count;
    sums.set(key, sum);
  }
  return [...sums.values()].sort((a, b) => b.count - a.count);
}
