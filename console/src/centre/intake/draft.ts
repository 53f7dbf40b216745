/** The draft as the form holds it: every field a text, as typed. Pure. */
import type { ReportDraft, ReportPayment } from "../../api/types";
import { formatMinor, formatTime, parseMoney } from "../../shell/format";

export interface DraftPayment {
  payer_account: string;
  payer_name: string;
  payer_bank: string;
  payee_account: string;
  payee_name: string;
  payee_bank: string;
  amount: string;
  currency: string;
  paid_at: string;
  channel: string;
  reference: string;
}
export interface DraftContact {
  kind: string;
  value: string;
}
export interface Draft {
  channel: string;
  victim: { name: string; citizen_id: string; phone: string; region: string };
  narrative: string;
  payments: DraftPayment[];
  contacts: DraftContact[];
  scam_type: string;
  region: string;
  occurred_at: string;
}

export function emptyPayment(): DraftPayment {
  return { payer_account: "", payer_name: "", payer_bank: "", payee_account: "", payee_name: "", payee_bank: "", amount: "", currency: "CNY", paid_at: "", channel: "", reference: "" };
}

export function emptyDraft(channel = "110"): Draft {
  return { channel, victim: { name: "", citizen_id: "", phone: "", region: "" }, narrative: "", payments: [emptyPayment()], contacts: [], scam_type: "", region: "", occurred_at: "" };
}

/** A payment in which nothing was typed is not sent; the row stays on the page. */
export function isBlank(payment: DraftPayment): boolean {
  return Object.entries(payment).every(([name, value]) => name === "currency" || value.trim() === "");
}

/** What goes to the seat; the indexes of the kept payments let faults find their rows again. */
export function toBody(draft: Draft): { body: Draft; rows: number[] } {
  const rows = draft.payments.map((payment, index) => (isBlank(payment) ? -1 : index)).filter((index) => index >= 0);
  const kept = rows.length > 0 ? rows : draft.payments.length > 0 ? [0] : [];
  return { body: { ...draft, payments: kept.map((index) => draft.payments[index] ?? emptyPayment()) }, rows: kept };
}

/** Why nothing goes out by itself to the bank of a payment; null where it does, or the directory is not known. */
export function bankLacks(bank: string, directory: { id: string }[]): "bankUnknown" | "notConnected" | null {
  if (bank.trim() === "") return "bankUnknown";
  return directory.length === 0 || directory.some((one) => one.id === bank) ? null : "notConnected";
}

function amountText(amount: ReportPayment["amount"]): string {
  return typeof amount === "string" ? amount : formatMinor(amount.minor, amount.currency);
}

/** An instant becomes text in the home zone; what a person typed stays as it is. */
function timeText(text: string): string {
  return /T.*(Z|[+-]\d\d:\d\d)$/.test(text) ? formatTime(text, "full") : text;
}

/** Whether a time names a day alone: its time of day is still to be filled in, for banks compare it to the minute. */
export function isDayOnly(text: string): boolean {
  return /^\s*\d{4}[-/.]\d{1,2}[-/.]\d{1,2}\s*$/.test(text);
}

/** A payment out of the seat's answer, or of the reader, as the form holds it. */
export function paymentOf(payment: ReportPayment): DraftPayment {
  return { ...payment, currency: payment.currency || "CNY", amount: amountText(payment.amount), paid_at: timeText(payment.paid_at) };
}

/** The draft out of the seat's answer: money becomes the text a person edits, times become home-zone text. */
export function fromAnswer(answer: ReportDraft): Draft {
  const { channel, victim, narrative, contacts, scam_type, region } = answer;
  return { channel, victim, narrative, contacts, scam_type, region, occurred_at: timeText(answer.occurred_at), payments: answer.payments.length > 0 ? answer.payments.map(paymentOf) : [emptyPayment()] };
}

function compact(text: string): string {
  return text.replace(/[\s-]/g, "");
}

/** Puts a suggested payment into the first blank row, or completes the row of the same account, or adds one. */
export function takePayment(draft: Draft, payment: DraftPayment): Draft {
  const same = draft.payments.findIndex((row) => payment.payee_account !== "" && compact(row.payee_account) === compact(payment.payee_account) && (row.amount === "" || row.amount === payment.amount));
  const at = same >= 0 ? same : draft.payments.findIndex(isBlank);
  if (at < 0) return { ...draft, payments: [...draft.payments, payment] };
  const row = draft.payments[at] ?? emptyPayment();
  const merged = { ...row };
  // What the officer typed stays; the reader only fills what is empty.
  for (const name of Object.keys(payment) as (keyof DraftPayment)[]) if (merged[name] === "") merged[name] = payment[name];
  return { ...draft, payments: draft.payments.map((old, index) => (index === at ? merged : old)) };
}

export function takeContact(draft: Draft, kind: string, value: string): Draft {
  if (draft.contacts.some((contact) => contact.kind === kind && contact.value === value)) return draft;
  return { ...draft, contacts: [...draft.contacts, { kind, value }] };
}

export function isUsed(draft: Draft, payment: DraftPayment): boolean {
  return draft.payments.some((row) => compact(row.payee_account) === compact(payment.payee_account) && row.amount === payment.amount && payment.payee_account !== "");
}

/** The sum in yuan of the rows whose amount can be read. */
export function totalOf(draft: Draft): { minor: number; currency: string } {
  const minor = draft.payments.reduce((sum, row) => sum + (row.currency === "CNY" || row.currency === "" ? (parseMoney(row.amount)?.minor ?? 0) : 0), 0);
  return { minor, currency: "CNY" };
}

/** Faults name `payments[i]` of what was sent; this puts them at the rows of the page. */
export function faultsAtRows<F extends { field: string }>(faults: F[], rows: number[]): F[] {
  return faults.map((fault) => ({
    ...fault,
    field: fault.field.replace(/^payments\[(\d+)\]/, (_whole, index: string) => `payments[${rows[Number(index)] ?? index}]`),
  }));
}

