/** What a standing rule approves and within which bounds, of orders to banks and of orders about lines. Pure. */
import type { StandingRule } from "../../api/types";
import { LINE_KINDS } from "../../words/line";
import { ORDER_KINDS } from "../../words/order";
import type { Texts } from "../../shell/i18n";

type Approved = Pick<StandingRule, "kinds" | "line_kinds" | "level_max" | "line_hours_max" | "report_age_hours_max">;

/** Every kind of order that the rule approves, with the table of its words. */
export function kindsOf(rule: Approved): { words: Texts; kind: string }[] {
  return [
    ...rule.kinds.map((kind) => ({ words: ORDER_KINDS, kind })),
    ...rule.line_kinds.map((kind) => ({ words: LINE_KINDS, kind })),
  ];
}

/** The bounds that the rule has; one that does not concern its orders is none. */
export function boundsOf(rule: Approved): { text: "levelTo" | "hoursUpTo" | "ageWithin"; n: number }[] {
  return [
    ...((rule.level_max ?? null) !== null ? [{ text: "levelTo" as const, n: rule.level_max ?? 0 }] : []),
    ...(rule.line_hours_max > 0 ? [{ text: "hoursUpTo" as const, n: rule.line_hours_max }] : []),
    { text: "ageWithin", n: rule.report_age_hours_max },
  ];
}
