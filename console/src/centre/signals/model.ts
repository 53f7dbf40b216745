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

/** One row an hour, also for hours in which nothing was counted: a gap in a line would read as a slope. */
export function byHour(hours: SignalHour[]): HourSums[] {
  const sums = new Map<number, HourSums>();
  for (const one of hours) {
    const at = Date.parse(one.hour);
    const sum = sums.get(at) ?? { at, seen: 0, stopped: 0, warned: 0 };
    sum.seen += one.count;
    if (isStopped(one.action)) sum.stopped += one.count;
    if (one.action === "label" || one.action === "challenge") sum.warned += one.count;
    sums.set(at, sum);
  }
  const ats = [...sums.keys()];
  if (ats.length === 0) return [];
  const out: HourSums[] = [];
  for (let at = Math.min(...ats); at <= Math.max(...ats); at += 3_600_000) out.push(sums.get(at) ?? { at, seen: 0, stopped: 0, warned: 0 });
  return out;
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
