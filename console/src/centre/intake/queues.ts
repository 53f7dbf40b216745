/** The queues of the intake desk. */
import type { ReportState } from "../../api/types";

export const QUEUES = ["public", "submitted", "draft", "joined", "all"] as const;
export type IntakeQueueKey = (typeof QUEUES)[number];

/** The queue that an address names, if it names one. */
export function queueNamed(name: string | null): IntakeQueueKey | null {
  return QUEUES.find((key) => key === name) ?? null;
}

/** The queue in which a report stands. */
export function queueOf(report: { state: ReportState; channel: string }): IntakeQueueKey {
  if (report.state === "draft" && report.channel === "public") return "public";
  return report.state === "closed" ? "all" : report.state;
}

/** What the seat is asked for to fill a queue. */
export function filterOf(queue: IntakeQueueKey): { state?: ReportState; channel?: string } {
  if (queue === "public") return { state: "draft", channel: "public" };
  return queue === "all" ? {} : { state: queue };
}
