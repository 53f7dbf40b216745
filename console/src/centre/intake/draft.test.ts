import { expect, it } from "vitest";
import { bankLacks, emptyDraft, emptyPayment, faultsAtRows, fromAnswer, isBlank, isDayOnly, isUsed, paymentOf, takePayment, toBody, totalOf } from "./draft";
import { piecesOf } from "./Narrative";

const found = { ...emptyPayment(), payee_account: "6222021202034443312", payee_name: "李卫东", amount: "30,000.00", paid_at: "2026-11-24 10:06:00" };

it("a suggestion fills what is empty and never what was typed", () => {
  const typed = { ...emptyDraft(), payments: [{ ...emptyPayment(), payee_account: "6222 0212 0203 4443 312", payee_name: "李某" }] };
  const merged = takePayment(typed, found).payments;
  expect(merged).toHaveLength(1);
  expect(merged[0]).toMatchObject({ payee_account: "6222 0212 0203 4443 312", payee_name: "李某", amount: "30,000.00" });
  expect(isUsed({ ...typed, payments: merged }, found)).toBe(true);
});

it("a second payment into the same account is a second row", () => {
  const once = takePayment(emptyDraft(), found);
  expect(takePayment(once, { ...found, amount: "18,000.00" }).payments).toHaveLength(2);
  expect(takePayment(once, found).payments).toHaveLength(1);
});

it("blank rows are not sent, and faults find their rows again", () => {
  const draft = { ...emptyDraft(), payments: [emptyPayment(), found, emptyPayment(), found] };
  const { body, rows } = toBody(draft);
  expect(body.payments).toHaveLength(2);
  expect(rows).toEqual([1, 3]);
  expect(faultsAtRows([{ field: "payments[1].amount" }, { field: "victim.name" }], rows).map((fault) => fault.field)).toEqual(["payments[3].amount", "victim.name"]);
  expect(toBody(emptyDraft()).body.payments.every(isBlank)).toBe(true);
});

it("an answer becomes text that a person edits", () => {
  const payment = paymentOf({ ...found, amount: { minor: 3_000_050, currency: "CNY" }, paid_at: "2026-11-24T02:06:00Z" });
  expect(payment).toMatchObject({ amount: "30,000.50", paid_at: "2026-11-24 10:06:00" });
  expect(fromAnswer({ ...emptyDraft(), payments: [] }).payments).toHaveLength(1);
  expect(totalOf({ ...emptyDraft(), payments: [payment, { ...payment, amount: "x" }] })).toEqual({ minor: 3_000_050, currency: "CNY" });
});

it("a day alone stays a day and is marked", () => {
  const payment = paymentOf({ ...found, paid_at: "2026-11-24" });
  expect(payment.paid_at).toBe("2026-11-24");
  expect(isDayOnly(payment.paid_at)).toBe(true);
  expect(["2026/11/4", "2026-11-24 10:06", "20261124100600", ""].map(isDayOnly)).toEqual([true, false, false, false]);
});

it("overlapping findings are marked once", () => {
  const span = (start: number, end: number) => ({ span: { start, end }, text: "", value: "" });
  const reading = { phones: [span(2, 13)], accounts: [{ ...span(2, 20), side: "payee" as const, kind: "card" }], citizen_ids: [], references: [], amounts: [], times: [], urls: [span(30, 40)], chats: [], names: [], banks: [], wallets: [span(50, 84)], coins: [span(86, 94)], payments: [] };
  expect(piecesOf(reading).map((piece) => [piece.start, piece.end, piece.kind])).toEqual([[2, 20, "account"], [30, 40, "url"], [50, 84, "account"], [86, 94, "amount"]]);
});

it("says why nothing goes out by itself to a bank", () => {
  const directory = [{ id: "bank-a" }];
  expect(["bank-a", "中国农业银行", ""].map((bank) => bankLacks(bank, directory))).toEqual([null, "notConnected", "bankUnknown"]);
  expect(bankLacks("bank-a", [])).toBeNull();
});
