import { expect, it } from "vitest";
import { standsBehind } from "../shell/AnswerView";
import { hasScope, ORDER_KINDS, ORDER_LOOKS, ORDER_STATES, shownState } from "./order";

it("a hold that holds nothing is not shown as one that does", () => {
  expect(shownState({ state: "in_effect", held: { minor: 0 } })).toBe("in_effect_empty");
  expect(shownState({ state: "in_effect", held: { minor: 1 } })).toBe("in_effect");
  expect(shownState({ state: "in_effect", held: null })).toBe("in_effect");
  expect(shownState({ state: "lifted", held: { minor: 0 } })).toBe("lifted");
  expect(ORDER_LOOKS.in_effect_empty?.tone).toBe("amber");
  expect(Object.keys(ORDER_LOOKS).sort()).toEqual(Object.keys(ORDER_STATES).sort());
});

it("only what holds money says how much of an account it holds", () => {
  expect(Object.keys(ORDER_KINDS).filter(hasScope)).toEqual(["stop", "freeze"]);
});

it("an answer says that another measure stands before it where the balance is not the reason", () => {
  const cny = (minor: number) => ({ minor, currency: "CNY" });
  const before = { authority: "centre-43", case_number: "R1", kind: "stop" as const, amount_minor: 900, until: "2026-12-01T00:00:00Z", position: 0 };
  expect(standsBehind({ code: "done_in_part", held: cny(0), balance: cny(900), existing: [before] })).toBe(true);
  expect(standsBehind({ code: "done_in_part", held: cny(900), balance: cny(900), existing: [before] })).toBe(false);
  expect(standsBehind({ code: "done_in_part", held: cny(0), balance: cny(900), existing: [{ ...before, position: 1 }] })).toBe(false);
  expect(standsBehind({ code: "done", held: cny(900), balance: cny(900), existing: [before] })).toBe(false);
});
