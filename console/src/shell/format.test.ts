import { describe, expect, it } from "vitest";
import { formatAccount, formatAge, formatLeft, formatMinor, formatMoney, formatPhone, formatTime, instantOf, localOf, magnitude, parseMoney } from "./format";

const cny = (minor: number) => ({ minor, currency: "CNY" });

describe("money", () => {
  it.each([
    [3_000_000, "CNY", "30,000.00"],
    [5, "CNY", "0.05"],
    [-123_456_789, "CNY", "−1,234,567.89"],
    [1234, "JPY", "1,234"],
    [1_234_567, "KWD", "1,234.567"],
    [Number.MAX_SAFE_INTEGER, "CNY", "90,071,992,547,409.91"],
  ])("%i %s is written %s", (minor, currency, text) => {
    expect(formatMinor(minor, currency)).toBe(text);
  });
  it("carries its sign before the minus is lost", () => {
    expect(formatMoney(cny(-100))).toBe("−¥1.00");
    expect(formatMoney({ minor: 100, currency: "XTS" })).toBe("XTS 1.00");
  });
  it.each([
    [cny(999_999), "zh", null],
    [cny(1_000_000), "zh", "1 万"],
    [cny(12_500_000_000), "zh", "1.25 亿"],
    [cny(126_500_00), "zh", "12.65 万"],
    [cny(12_500_000_000), "en", "125 M"],
    [cny(3_000_000), "en", "30 K"],
  ] as const)("%o at a glance in %s: %s", (money, lang, text) => {
    expect(magnitude(money, lang)).toBe(text);
  });
  it.each([
    ["30000", 3_000_000], ["30,000.00", 3_000_000], ["3万", 3_000_000], ["1.25亿", 12_500_000_000], ["￥ 86.5元", 8650], ["0.01", 1], ["300００".replace("００", "00"), 3_000_000],
  ])("%s reads as %i fen", (text, minor) => {
    expect(parseMoney(text)).toEqual(cny(minor));
  });
  it.each(["", "abc", "1.234", "-5", "3万5", "1e9", "99999999999999"])("%s is no amount", (text) => {
    expect(parseMoney(text)).toBeNull();
  });
  it("what is written is read again", () => {
    for (const minor of [0, 1, 99, 100, 12_345_678_901]) expect(parseMoney(formatMinor(minor, "CNY"))?.minor).toBe(minor);
  });
});

describe("numbers of accounts and telephones", () => {
  it.each([
    ["6222020200112233312", "6222 0202 0011 2233 312"],
    ["6222********7792", "6222 **** **** 7792"],
    ["****3312", "**** 3312"],
    ["6222*********312", "6222 **** **** 312"],
  ])("account %s", (text, shown) => expect(formatAccount(text)).toBe(shown));
  it.each([
    ["13873100088", "138 7310 0088"],
    ["138****0088", "138 **** 0088"],
    ["073155550101", "0731 5555 0101"],
    ["01062345678", "010 6234 5678"],
    ["96110", "96110"],
    ["+85291234567", "+852 9123 4567"],
    ["+8619901230001", "+86 199 0123 0001"],
    ["+86199****0001", "+86 199 **** 0001"],
    ["+8673188888888", "+86 731 8888 8888"],
    ["+861088888888", "+86 10 8888 8888"],
    ["+8695588", "+86 95588"],
    ["+442079460958", "+44 20 7946 0958"],
    ["+12025550123", "+1 20 2555 0123"],
    ["+6591234567", "+65 9123 4567"],
  ])("telephone %s", (text, shown) => expect(formatPhone(text)).toBe(shown));
});

describe("times stand in the home zone", () => {
  it("whatever the workstation's zone", () => {
    expect(formatTime("2026-11-23T16:05:09Z", "full")).toBe("2026-11-24 00:05:09");
    expect(formatTime("2026-11-23T16:05:09.123456Z", "short")).toBe("11-24 00:05");
    expect(formatTime("nonsense")).toBe("—");
  });
  it.each([
    ["2026-11-22 15:20", "2026-11-22T07:20:00.000Z"],
    ["2026/1/2 5:06:07", "2026-01-01T21:06:07.000Z"],
    ["2026年11月22日 15：20", "2026-11-22T07:20:00.000Z"],
    ["2026-11-22T15:20", "2026-11-22T07:20:00.000Z"],
  ])("%s is read", (text, iso) => expect(instantOf(text)).toBe(iso));
  it.each(["", "2026-11-22", "2026-02-30 10:00", "2026-11-22 25:00", "yesterday"])("%s is not", (text) => expect(instantOf(text)).toBeNull());
  it("there and back", () => {
    expect(instantOf(localOf("2026-11-23T16:05:09Z"))).toBe("2026-11-23T16:05:09.000Z");
  });
  it.each([[48 * 3_600_000, "zh", "2 天 00:00"], [3_661_000, "zh", "1:01:01"], [59_000, "en", "00:59"], [-5, "en", "00:00"]] as const)("%i ms left in %s", (ms, lang, text) => {
    expect(formatLeft(ms, lang)).toBe(text);
  });
  it("an age has one unit", () => {
    expect([formatAge(12_900, "zh"), formatAge(61_000, "en"), formatAge(7_300_000, "zh"), formatAge(200_000_000, "en")]).toEqual(["12 秒", "1 min", "2 小时", "2 d"]);
  });
});
