import { expect, it } from "vitest";
import { isEnough } from "./Search";

it("one Chinese character or two letters are enough to search", () => {
  expect(["陆", "lu", "12"].map(isEnough)).toEqual([true, true, true]);
  expect(["", "l", "1"].map(isEnough)).toEqual([false, false, false]);
});
