import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import type { JournalEntry } from "../../api/types";
import { numbersIn, shortOf } from "./numbers";
import { KINDS, SUBJECTS } from "./texts";

const entry = (subject: string, body: Record<string, unknown>): JournalEntry => ({ seq: 1, at: "2026-11-24T00:00:00Z", actor: "a", seat: "centre-43", subject, kind: "k", body, private: false, hash: "" });

it("a number told once names its subject everywhere, and a chase by its report", () => {
  const numbers = numbersIn([entry("chase:7", {}), entry("order:9", { number: "Z261124-0001", case_number: "R261124-0001" }), entry("report:7", { number: "R261124-0001" })]);
  expect(numbers.get("9")).toBe("Z261124-0001");
  expect(numbers.get("7")).toBe("R261124-0001");
  expect(numbers.get("8")).toBeUndefined();
});

/** Every source file of the seats. */
function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((item) => {
    const path = join(folder, item.name);
    if (item.isDirectory()) return ["target", "tests", "benches"].includes(item.name) ? [] : sources(path);
    return item.name.endsWith(".rs") && item.name !== "tests.rs" ? [path] : [];
  });
}

it("every kind that a seat writes into the journal has words in both languages", () => {
  const written = new Set<string>();
  for (const path of sources(join(import.meta.dirname, "../../../../crates"))) {
    const source = readFileSync(path, "utf8").split("#[cfg(test)]")[0] ?? "";
    for (const found of source.matchAll(/(?:Entry::new|\bentry)\(\s*"([a-z_]+\.[a-z_]+)"/g)) written.add(found[1] ?? "");
  }
  expect(written.size).toBeGreaterThan(70);
  expect([...written].filter((kind) => !(kind in KINDS))).toEqual([]);
});

it("a user is named by his login: told by an entry, or by who acted where he acted on his own account", () => {
  const id = "0191f3a0-0000-7000-8000-0000000ba9ec";
  const made = entry(`user:${id}`, { login: "wang" });
  const opened = { ...entry(`user:${id}`, { method: "password" }), kind: "session.opened", actor: "wang" };
  const changed = { ...entry(`user:${id}`, { roles: ["officer"] }), kind: "user.changed", actor: "admin" };
  expect(shortOf(changed)).toBe("…000ba9ec");
  expect(shortOf(changed, numbersIn([made]))).toBe("wang");
  expect(shortOf(changed, numbersIn([opened]))).toBe("wang");
  expect(shortOf(changed, new Map(), new Map([[id, "wang"]]))).toBe("wang");
});

it("a chase is named by its case, which its entries tell", () => {
  const id = "0191f3a0-0000-7000-8000-0000310b0645";
  expect(shortOf(entry(`chase:${id}`, { sum: {}, case_number: "R261201-0020" }))).toBe("R261201-0020");
  expect(shortOf(entry(`case:${id}`, {}), numbersIn([entry(`chase:${id}`, { case_number: "R261201-0020" })]))).toBe("R261201-0020");
});

it("every kind of subject that a seat writes has one word in both languages", () => {
  const written = new Set<string>(["case", "user", "journal"]);
  for (const path of sources(join(import.meta.dirname, "../../../../crates"))) {
    const source = readFileSync(path, "utf8").split("#[cfg(test)]")[0] ?? "";
    for (const found of source.matchAll(/(?:Entry::new|\bentry)\([^;()]*?(?:format!\()?\s*"([a-z_]+):/g)) written.add(found[1] ?? "");
  }
  expect(written.size).toBeGreaterThan(18);
  expect([...written].filter((kind) => kind !== "thing" && !(kind in SUBJECTS))).toEqual([]);
});
