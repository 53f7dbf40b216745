import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import type { JournalEntry } from "../../api/types";
import { numbersIn } from "./numbers";
import { KINDS } from "./texts";

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
