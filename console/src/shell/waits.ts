/** What waits at a desk, of what its seat counts. */
import type { DeskCounts } from "../api/types";

interface Counted {
  count?: (keyof DeskCounts)[];
  hot?: keyof DeskCounts;
  queues?: readonly { path: string; text: string; count: keyof DeskCounts; hot?: true }[];
}

/** The number at the desk, and whether it presses. `more` is what the desk counts by other means, and always presses. */
export function waitsOf(desk: Counted, counts: DeskCounts, more = 0): { n: number; hot: boolean } {
  const n = (desk.count ?? []).reduce((sum, key) => sum + (counts[key] ?? 0), more);
  const pressing = [desk.hot, ...(desk.queues ?? []).map((queue) => (queue.hot ? queue.count : undefined))];
  return { n, hot: more > 0 || pressing.some((key) => key !== undefined && (counts[key] ?? 0) > 0) };
}

/** The queues of the desk in which something waits. */
export function queuesOf<D extends Counted>(desk: D, counts: DeskCounts): (NonNullable<D["queues"]>[number] & { n: number })[] {
  return (desk.queues ?? []).flatMap((queue) => {
    const n = counts[queue.count] ?? 0;
    return n > 0 ? [{ ...queue, n }] : [];
  });
}
