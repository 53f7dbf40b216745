/** Figures of the live screen, made ready for the eye. Pure. */
import type { LivePoint } from "../../api/types";

/** A time in the unit that a reader needs: `850 ns`, `1.4 µs`, `2.3 ms`. */
export function formatNanos(ns: number): string {
  if (ns < 1_000) return `${ns} ns`;
  const steps: [number, string][] = [[1e9, "s"], [1e6, "ms"], [1e3, "µs"]];
  const [size, unit] = steps.find(([limit]) => ns >= limit) ?? [1, "ns"];
  const value = ns / size;
  return `${value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2)} ${unit}`;
}

/** `1.2 GB`: powers of ten, as disks are sold. */
export function formatBytes(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let [value, at] = [bytes, 0];
  while (value >= 1000 && at < units.length - 1) {
    value /= 1000;
    at += 1;
  }
  return `${at === 0 || value >= 100 ? value.toFixed(0) : value.toFixed(1)} ${units[at]}`;
}

export function share(part: number, whole: number): string {
  if (whole === 0 || part === 0) return "0";
  const percent = (part / whole) * 100;
  return percent < 0.1 ? percent.toFixed(3) : percent < 10 ? percent.toFixed(1) : percent.toFixed(0);
}

/** The seat leaves out moments in which nothing happened; in a chart they are zeros. */
export function filled(points: LivePoint[], now: number, stepMs: number, count: number): { at: number; calls: number; stopped: number; labelled: number }[] {
  const known = new Map(points.map((point) => [Math.floor(Date.parse(point.at) / stepMs) * stepMs, point]));
  const last = Math.floor(now / stepMs) * stepMs - stepMs;
  return Array.from({ length: count }, (_, index) => {
    const at = last - (count - 1 - index) * stepMs;
    const point = known.get(at);
    return { at, calls: point?.calls ?? 0, stopped: point?.calls_stopped ?? 0, labelled: point?.calls_labelled ?? 0 };
  });
}

/** How many times larger than on a desk the screen is drawn, so that a wall is read from across the room. */
export function scaleOf(width: number, height: number): number {
  return Math.max(1, Math.min(width / 1366, height / 768));
}
