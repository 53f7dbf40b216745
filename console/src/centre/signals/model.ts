/** Counters by hour, gathered for the chart and the table of reasons. Pure. */
import type { SignalHour } from "../../api/types";
import { stops } from "../../words/screening";

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
    if (stops(one.action)) sum.stopped += one.count;
    if (one.action === "label") sum.warned += one.count;
    sums.set(at, sum);
  }
  const last = Math.floor(now / HOUR_MS) * HOUR_MS;
  return Array.from({ length: count }, (_, index) => {
    const at = last - (count - 1 - index) * HOUR_MS;
    return sums.get(at) ?? { at, seen: 0, stopped: 0, warned: 0 };
  });
}

/** What an operator calls a rule, where it has told. */
export function ruleTitle(rule: SignalHour["rule"], lang: "zh" | "en"): string | undefined {
  return (lang === "en" ? rule?.title_en : null) ?? rule?.title;
}

type ReasonSum = { channel: string; reason: string; detail: string; rule: SignalHour["rule"]; partner: string | null; count: number };

/** What was stopped and why, the most frequent first. Rules are each operator's own, whatever their numbers. */
export function byReason(hours: SignalHour[]): ReasonSum[] {
  const sums = new Map<string, ReasonSum>();
  for (const one of hours) {
    if (!stops(one.action)) continue;
    const partner = one.rule ? one.partner : null;
    const key = `${one.channel}/${one.reason}/${one.detail}/${partner ?? ""}`;
    const sum = sums.get(key) ?? { channel: one.channel, reason: one.reason, detail: one.detail, rule: one.rule, partner, count: 0 };
    sum.count += one.count;
    sums.set(key, sum);
  }
  return [...sums.values()].sort((a, b) => b.count - a.count);
}
