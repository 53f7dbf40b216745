import { expect, it } from "vitest";
import { Problem } from "../api/client";
import { hasMoved } from "./moved";

it("what another person has changed meanwhile is told from what was typed wrong", () => {
  expect([404, 409].map((status) => hasMoved(new Problem({ status, code: "x" })))).toEqual([true, true]);
  expect([0, 400, 403, 422, 500].map((status) => hasMoved(new Problem({ status, code: "x" })))).toEqual([false, false, false, false, false]);
  expect(hasMoved(new Error("x"))).toBe(false);
});
