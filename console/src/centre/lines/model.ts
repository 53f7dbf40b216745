/** What an order about a line is waiting for, and what a form about one needs. Pure. */
import type { LineOrder, LineOrderRow } from "../../api/types";
import type { LINES } from "./texts";

export type LineQueue = "review" | "waiting" | "in_effect" | "refused" | "ended" | "all";

/** The queue in which an order of a state stands. */
export function queueOf(state: string): LineQueue {
  if (state === "review") return "review";
  if (state === "sent") return "waiting";
  if (state === "in_effect") return "in_effect";
  return ["refused", "rejected", "expired"].includes(state) ? "refused" : "ended";
}

/** Which end matters now: the operator's answer while it is awaited, the measure's end while it is in force. */
export function endOf(order: LineOrderRow): { end: string; start: string | null; what: "answer" | "measure" } | null {
  if (order.state === "sent" && order.answer_due) return { end: order.answer_due, start: order.sent_at ?? null, what: "answer" };
  if (order.state === "in_effect" && order.ends_at) return { end: order.ends_at, start: order.answered_at ?? null, what: "measure" };
  return null;
}

/** Kinds that stand by themselves; a lift follows an earlier order from its page. */
export const MADE_BY_HAND = ["hold_flagged_calls", "cut_call", "protect_line", "label_next_call", "query_contacts", "warn_contacts", "suspend_line"] as const;

/** Which fields a kind has. */
export function fieldsOf(kind: string): { counterpart: boolean; hours: "must" | "optional" | null; period: boolean; foreign: boolean; label: boolean; warning: boolean } {
  return {
    counterpart: kind === "cut_call" || kind === "label_next_call",
    hours: kind === "suspend_line" ? "optional" : ["hold_flagged_calls", "protect_line", "label_next_call"].includes(kind) ? "must" : null,
    period: kind === "query_contacts" || kind === "warn_contacts",
    foreign: kind === "hold_flagged_calls",
    label: kind === "label_next_call",
    warning: kind === "warn_contacts",
  };
}

type Step = keyof typeof LINES;

/** What happened to the order, from its own times. */
export function stepsOf(order: LineOrder, operator: string): { at: string; text: Step; who: string }[] {
  const decided: Partial<Record<string, Step>> = { refused: "stepRefused", cancelled: "stepCancelled" };
  const ended: Partial<Record<string, Step>> = { lifted: "stepLifted", expired: "stepExpired" };
  const steps: { at: string | null | undefined; text: Step; who: string }[] = [
    { at: order.made_at, text: "stepMade", who: order.maker },
    { at: order.decided_at, text: decided[order.state] ?? "stepApproved", who: order.checker ?? "" },
    { at: order.sent_at, text: "stepSent", who: "" },
    { at: order.delivered_at, text: "stepDelivered", who: operator },
    { at: order.answered_at, text: "stepAnswered", who: operator },
    // What is done in an instant ends with its answer, which is told already.
    { at: order.ended_at !== order.answered_at ? order.ended_at : null, text: ended[order.state] ?? "stepEnded", who: "" },
  ];
  return steps.filter((step): step is { at: string; text: Step; who: string } => Boolean(step.at));
}
