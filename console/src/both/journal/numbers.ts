/** Short numbers and logins of what journal entries are about. Pure. */
import type { JournalEntry } from "../../api/types";

/** Acts that a user does to his own account: who acted is whom the entry is about. */
const OWN_ACTS = new Set(["session.opened", "session.closed", "user.totp_enrolled", "user.totp_forgotten", "user.password_changed"]);

/** The short number or the login that an entry's public part tells of its subject. */
export function numberIn(entry: JournalEntry): string | null {
  const body = entry.body as { number?: unknown; case_number?: unknown; login?: unknown } | null;
  if (entry.subject.startsWith("user:")) {
    if (typeof body?.login === "string") return body.login;
    return OWN_ACTS.has(entry.kind) ? entry.actor : null;
  }
  if (typeof body?.number === "string") return body.number;
  return typeof body?.case_number === "string" && /^(case|chase|report):/.test(entry.subject) ? body.case_number : null;
}

/** The identity in a subject. */
export function identityOf(subject: string): string {
  return subject.slice(subject.indexOf(":") + 1);
}

/** Short numbers by identity, from every entry at hand; a chase has the identity of its report. */
export function numbersIn(entries: JournalEntry[]): Map<string, string> {
  const out = new Map<string, string>();
  for (const entry of entries) {
    const number = numberIn(entry);
    if (number) out.set(identityOf(entry.subject), number);
  }
  return out;
}

/** What people read of a subject: its number or login where some source knows it, else the end of its identity. */
export function shortOf(entry: JournalEntry, ...known: Map<string, string>[]): string {
  const id = identityOf(entry.subject);
  const number = numberIn(entry) ?? known.map((numbers) => numbers.get(id)).find(Boolean);
  return number ?? (id.length > 12 ? `…${id.slice(-8)}` : id);
}
