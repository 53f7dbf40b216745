import { describe, expect, it } from "vitest";
import type { ChaseAccount, ChaseTransfer } from "../../api/types";
import { levelsOf, lookOf, OPENED_PER_LEVEL, pictureOf, placeOf, SHOWN_PER_LEVEL, VICTIM } from "./levels";

const cny = (minor: number) => ({ minor, currency: "CNY" });
function account(key: string, level: number, received: number, part: Partial<Record<"passed_on" | "exited" | "remaining" | "stopped", number>> = {}, state: ChaseAccount["state"] = "found"): ChaseAccount {
  const { passed_on = 0, exited = 0, stopped = 0 } = part;
  const remaining = part.remaining ?? received - passed_on - exited;
  return { key, bank: "bank-a", bank_name: "A", account: `****${key}`, name: null, level, received: cny(received), passed_on: cny(passed_on), exited: cny(exited), unseen: cny(0), remaining: cny(remaining), stopped: cny(stopped), held: cny(stopped), out_of_reach: cny(exited), state, orders: [], may_stop: remaining > stopped };
}
const transfer = (from: string, to: string | null, tainted: number, exit?: string): ChaseTransfer => ({ from, to, exit: exit ?? null, amount: cny(tainted), tainted: cny(tainted), at: "2026-11-24T00:00:00Z", level: 1 });

describe("what an account mostly is", () => {
  it("money that can still be stopped comes first", () => {
    expect(lookOf(account("a", 1, 100, { stopped: 60 }))).toBe("moving");
    expect(lookOf(account("a", 1, 100, { stopped: 100 }))).toBe("stopped");
    expect(lookOf(account("a", 1, 100, { passed_on: 100 }))).toBe("passed");
    expect(lookOf(account("a", 1, 100, { exited: 100 }))).toBe("out");
    expect(lookOf(account("a", 1, 100, {}, "unreachable"))).toBe("out");
  });
});

describe("the picture", () => {
  const many = Array.from({ length: 200 }, (_, n) => account(`n${String(n).padStart(3, "0")}`, 2, 1000 - n, { stopped: 1000 - n }));
  const first = account("first", 1, 200_000, { passed_on: 200_000 });
  const transfers = [...many.map((one) => transfer("first", one.key, one.received.minor)), transfer("first", null, 7, "cash")];
  const payments = [{ to: "first", amount: cny(200_000), at: "2026-11-24T00:00:00Z" }];

  it("gathers a big level and loses no money doing so", () => {
    const picture = pictureOf([first, ...many], transfers, payments, new Set(), null);
    const level2 = picture.nodes.filter((node) => node.level === 2);
    expect(level2).toHaveLength(SHOWN_PER_LEVEL);
    const more = level2.find((node) => node.count);
    expect(more?.count).toBe(200 - (SHOWN_PER_LEVEL - 1));
    const drawn = picture.edges.filter((edge) => edge.from === "first" && !edge.to.startsWith("exit:")).reduce((sum, edge) => sum + edge.minor, 0);
    expect(drawn).toBe(many.reduce((sum, one) => sum + one.received.minor, 0));
  });
  it("opens a level up to its limit, and keeps the chosen account in view", () => {
    expect(pictureOf([first, ...many], transfers, payments, new Set([2]), null).nodes.filter((node) => node.level === 2)).toHaveLength(OPENED_PER_LEVEL);
    const last = many.at(-1)!.key;
    expect(pictureOf([first, ...many], transfers, payments, new Set(), last).nodes.some((node) => node.id === last)).toBe(true);
  });
  it("runs from the victim on the left to the exits on the right", () => {
    const picture = pictureOf([first, ...many], transfers, payments, new Set(), null);
    const x = (id: string) => placeOf(picture.nodes.find((node) => node.id === id)!, picture.columns.length, { width: 900, height: 300 }).x;
    expect(x(VICTIM)).toBeLessThan(x("first"));
    expect(x("first")).toBeLessThan(x(many[0]!.key));
    expect(x(many[0]!.key)).toBeLessThan(x("exit:cash"));
    expect(picture.nodes.find((node) => node.id === VICTIM)?.minor).toBe(200_000);
  });
  it("stays empty without accounts", () => {
    expect(pictureOf([], [], [], new Set(), null).nodes).toEqual([]);
  });
});

it("levels as a list lose no money, and leave the victim out", () => {
  const accounts = [account("b", 2, 300, { stopped: 300 }), account("v", 0, 1000), account("a", 1, 1000, { passed_on: 800, stopped: 200 }), account("c", 2, 500, { exited: 500 })];
  expect(levelsOf(accounts)).toEqual([
    { level: 1, accounts: 1, received: 1000, stopped: 200, outOfReach: 0 },
    { level: 2, accounts: 2, received: 800, stopped: 300, outOfReach: 500 },
  ]);
});
