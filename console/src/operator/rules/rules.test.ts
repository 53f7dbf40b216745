import { describe, expect, it } from "vitest";
import { inserted, markedLine, offsetOf, placeOf } from "./model";

describe("a fault at its place", () => {
  it("is read from the words of the seat", () => {
    expect(placeOf({ en: "line 2, column 14: there is no feature “caller.x”" })).toEqual({ line: 2, column: 14 });
    expect(placeOf({ en: "the rule has no expression" })).toBeNull();
  });
  it("counts characters, not the units of the text field", () => {
    const text = "caller.raw == \"𠮷\" &&\n  caller.attempts_1m > 3";
    expect(text.slice(offsetOf(text, { line: 1, column: 19 }))).toMatch(/^&&/);
    expect(text.slice(offsetOf(text, { line: 2, column: 3 }))).toMatch(/^caller\.attempts/);
    expect(offsetOf(text, { line: 9, column: 9 })).toBe(text.length);
  });
  it("is marked below its line", () => {
    expect(markedLine("a > 1 &&\nb == c", { line: 2, column: 6 })).toEqual({ line: "b == c", mark: "     ▲" });
    expect(markedLine("x == '诈骗' && y", { line: 1, column: 11 }).mark.length).toBe(13);
  });
});

describe("a feature put into a condition", () => {
  it("keeps its distance from its neighbours", () => {
    expect(inserted("", 0, "caller.hour")).toEqual({ text: "caller.hour", at: 11 });
    expect(inserted("a > 1 &&", 8, "b").text).toBe("a > 1 && b");
    expect(inserted("(a)", 1, "b").text).toBe("(b a)");
  });
});
