import { expect, it } from "vitest";
import type { LineOrder, LineOrderRow } from "../../api/types";
import { endOf, fieldsOf, queueOf, stepsOf } from "./model";

const row = (part: Partial<LineOrderRow>): LineOrderRow => ({
  id: "1", number: "X1", request_id: "1", case_id: "1", case_number: "R1", region: "430100", partner: "telecom-a", partner_name: "A", kind: "suspend_line", state: "sent", line: "190****0001", contacts: 0, maker: "a", made_at: "2026-11-24T08:00:00Z", escalation: 0, ...part,
});

it("an order waits for its answer, then for its end", () => {
  expect(endOf(row({ sent_at: "2026-11-24T08:00:00Z", answer_due: "2026-11-24T08:02:00Z" }))).toEqual({ end: "2026-11-24T08:02:00Z", start: "2026-11-24T08:00:00Z", what: "answer" });
  expect(endOf(row({ state: "in_effect", ends_at: "2026-11-25T08:00:00Z" }))?.what).toBe("measure");
  // A suspension without an end has nothing to count down.
  expect(endOf(row({ state: "in_effect" }))).toBeNull();
});

it("every state stands in one queue", () => {
  expect(["review", "sent", "in_effect", "rejected", "expired", "refused", "done", "elsewhere", "lifted"].map(queueOf)).toEqual(["review", "waiting", "in_effect", "refused", "refused", "refused", "ended", "ended", "ended"]);
});

it("a kind asks for what it needs and no more", () => {
  expect(fieldsOf("suspend_line")).toMatchObject({ hours: "optional", period: false, counterpart: false });
  expect(fieldsOf("query_contacts")).toMatchObject({ hours: null, period: true });
  expect(fieldsOf("label_next_call")).toMatchObject({ hours: "must", label: true, counterpart: true });
});

it("what ends with its answer is told once", () => {
  const order = { ...row({ state: "done", sent_at: "2026-11-24T08:00:01Z", answered_at: "2026-11-24T08:00:02Z", ended_at: "2026-11-24T08:00:02Z" }), decided_at: "2026-11-24T08:00:01Z", checker: "b", delivered_at: null } as unknown as LineOrder;
  expect(stepsOf(order, "A").map((step) => step.text)).toEqual(["stepMade", "stepApproved", "stepSent", "stepAnswered"]);
});
