import { expect, it } from "vitest";
import type { JournalEntry } from "../../api/types";
import { numbersIn } from "./numbers";

const entry = (subject: string, body: Record<string, unknown>): JournalEntry => ({ seq: 1, at: "2026-11-24T00:00:00Z", actor: "a", seat: "centre-43", subject, kind: "k", body, private: false, hash: "" });

it("a number told once names its subject everywhere, and a chase by its report", () => {
  const numbers = numbersIn([entry("chase:7", {}), entry("order:9", { number: "Z261124-0001", case_number: "R261124-0001" }), entry("report:7", { number: "R261124-0001" })]);
  expect(numbers.get("9")).toBe("Z261124-0001");
  expect(numbers.get("7")).toBe("R261124-0001");
  expect(numbers.get("8")).toBeUndefined();
});
