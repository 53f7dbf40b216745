import { expect, it } from "vitest";
import { bodyOf, contactOf, missingOn, stepOf } from "./PublicReport";

it.each([
  ["13900001111", "phone"], ["0085 2912 34567", "phone"], ["https://fake.example/a", "url"], ["fake-police.example", "url"], ["QQ 3344556677", "chat"], ["3344556677", "chat"], ["wx_abc", "chat"],
])("%s is a %s", (text, kind) => {
  expect(contactOf(text).kind).toBe(kind);
});

it("a fault of the seat leads to the step of its field", () => {
  expect([stepOf("victim.phone"), stepOf("region"), stepOf("payments[0].amount"), stepOf("narrative"), stepOf("contacts[1].value")]).toEqual([0, 0, 1, 2, 2]);
});

it("sends what was typed and nothing empty for contacts", () => {
  const body = bodyOf({ name: " 王秀兰 ", phone: "13873100088", region: "430102", narrative: "", theirs: "，13900001111； ", payments: [{ account: "6222 0202", name: "", bank: "", amount: "3万", at: "2026-11-24T08:49", payer: "" }] });
  expect(body).toMatchObject({ state: "submitted", victim: { name: "王秀兰" }, contacts: [{ kind: "phone", value: "13900001111" }], payments: [{ amount: "3万", paid_at: "2026-11-24 08:49" }] });
});

it("who paid by a QR code goes on without the account and name of the payee", () => {
  const paid = { account: "", name: "", bank: "", amount: "3万", at: "2026-11-24T08:49", payer: "" };
  const form = { name: "", phone: "", region: "", narrative: "", theirs: "", payments: [paid] };
  expect(missingOn(form, 1)).toEqual([]);
  expect(missingOn({ ...form, payments: [{ ...paid, amount: "" }] }, 1).map((fault) => fault.field)).toEqual(["payments[0].amount"]);
});
