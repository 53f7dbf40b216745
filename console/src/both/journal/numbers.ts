/** Short numbers of what journal entries are about. Pure. */
import type { JournalEntry } from "../../api/types";

/** The short number that an entry's public part tells of its subject. */
export function numberIn(entry: JournalEntry): string | null {
  const body = entry.body as { number?: unknown; case_number?: unknown } | null;
  if (typeof body?.number === "string") return body.number;
  return typeof body?.case_number === "string" && /^(case|chase):/.test(entry.subject) ? body.case_number : null;
}

/** Short numbers by identity, from every entry at hand; a chase has the identity of its report. */
export function numbersIn(entries: JournalEntry[]): Map<string, string> {
  const out = new Map<string, string>();
  for (const entry of entries) {
    const number = numberIn(entry);
    if (number) out.set(entry.subject.slice(entry.subject.indexOf(":") + 1), number);
  }
  return out;
}
