import { expect, it } from "vitest";
import { countOf, ORDER_MORE_FIRST } from "./orderMore";

it("a count of orders is a whole number within bounds, and never guessed", () => {
  expect(["1", " 100 ", "1000"].map(countOf)).toEqual([1, 100, 1000]);
  // Nothing typed is no consent to the seat's own number.
  expect(["", " ", "0", "1001", "-5", "1.5", "1e3", "1,000", "一百"].map(countOf)).toEqual(Array.from({ length: 9 }, () => null));
  expect(countOf(String(ORDER_MORE_FIRST))).toBe(ORDER_MORE_FIRST);
});
