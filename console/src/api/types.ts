/** Shapes of the seats' HTTP API as the console reads them. Personal data arrives masked; times are RFC 3339. */

export interface Money {
  minor: number;
  currency: string;
}
export interface Said {
  code: string;
  zh: string;
  en: string;
  zh_remedy?: string;
  en_remedy?: string;
}
export interface Fault extends Said {
  field: string;
}
export interface ProblemBody {
  type?: string;
  /** In the language that the browser prefers; the page takes its own from `texts`. */
  title?: string;
  status: number;
  code: string;
  detail?: string;
  texts?: Record<"zh" | "en", { title: string; detail?: string }>;
  faults?: Fault[];
  request_id?: string;
}
export interface Page<T> {
  items: T[];
  next?: string | null;
  total?: number | null;
}

export type Right =
  | "intake.read" | "intake.write" | "stop.read" | "stop.make" | "stop.check" | "chase.read" | "chase.act"
  | "journal.read" | "rules.write" | "users.write" | "partners.write" | "reveal"
  | "bank.orders.read" | "bank.holds.read" | "bank.report.write" | "bank.admin";

export interface Text2 {
  zh: string;
  en: string;
}
export interface Seat {
  seat: "centre" | "bank";
  id: string;
  name: Text2;
  version: string;
  now: string;
  oidc: boolean;
}
export interface SessionUser {
  id: string;
  login: string;
  name: string;
  roles: string[];
  /** Leading digits of the regions that may be seen; absent for no limit. */
  region?: string | null;
}
export interface Session {
  user: SessionUser;
  rights: Right[];
  csrf: string;
  expires_at?: string | null;
}
export interface User {
  id: string;
  login: string;
  name: string;
  roles: string[];
  region?: string | null;
  disabled: boolean;
  external: boolean;
  totp: boolean;
  created: string;
  changed: string;
}
export interface Role extends Text2 {
  code: string;
  seats: string[];
  rights: string[];
}
export interface RightName extends Text2 {
  code: string;
}
export interface JournalEntry {
  seq: number;
  at: string;
  actor: string;
  seat: string;
  subject: string;
  case_id?: string | null;
  region?: string | null;
  kind: string;
  purpose?: string | null;
  body: unknown;
  private: boolean;
  hash: string;
}
export interface Verification {
  ok: boolean;
  entries: number;
  first_bad?: number | null;
  reason?: string | null;
  head_hash: string;
  sealed_seq: number;
  at: string;
}
export interface Partner {
  id: string;
  name: string;
  name_en: string;
  role: "centre" | "bank" | "operator";
  base_url: string;
  keys: { kid: string; public: string; not_before: string; not_after: string | null }[];
  contacts: { name: string; phone: string; duty: string }[];
  bank_codes: string[];
  answer_minutes: number;
  enabled: boolean;
}
export interface Region {
  code: string;
  name: Text2;
  level: "province" | "city" | "county";
  parent?: string | null;
  successor?: string | null;
}
export interface ScamType {
  code: string;
  name: Text2;
  about: Text2;
  reminder: Text2;
}
export interface SearchHit {
  subject: string;
  number: string;
  title: string;
  hint?: string;
}

export type ReportState = "draft" | "submitted" | "joined" | "closed";
export interface ReportPayment {
  payer_account: string;
  payer_name: string;
  payer_bank: string;
  payee_account: string;
  payee_name: string;
  payee_bank: string;
  amount: Money | string;
  currency: string;
  paid_at: string;
  channel: string;
  reference: string;
}
export interface ReportDraft {
  channel: string;
  victim: { name: string; citizen_id: string; phone: string; region: string };
  narrative: string;
  payments: ReportPayment[];
  contacts: { kind: string; value: string }[];
  scam_type: string;
  region: string;
  occurred_at: string;
}
export interface ReportRow {
  id: string;
  number: string;
  state: ReportState;
  channel: string;
  region: string;
  scam_type: string;
  victim_name: string;
  victim_phone: string;
  amount: Money;
  payments: number;
  created_at: string;
  created_by: string;
  submitted_at?: string | null;
  joined_to?: string | null;
}
/** A report as it stands; personal data masked, but in a draft that the reader began himself. */
export interface Report extends ReportDraft {
  id: string;
  number: string;
  state: ReportState;
  version: number;
  masked: boolean;
  created_at: string;
  created_by: string;
  changed_at: string;
  submitted_at?: string | null;
  joined_to?: { id: string; number: string } | null;
  payments_added?: number | null;
  /** What a submit would refuse now; of a draft. */
  faults: Fault[];
  /** Worth a second look; never a reason to refuse. */
  warnings: Fault[];
  allowed: ("change" | "submit" | "close")[];
}
export interface ImportReport {
  id: string;
  source: string;
  file_name: string;
  sha256: string;
  state: "running" | "done";
  rows_total: number;
  rows_refused: number;
  reports_new: number;
  reports_joined: number;
  reports_known: number;
  started_at: string;
  finished_at?: string | null;
  refused: { row: number; faults: (Fault & { column: string })[] }[];
}
export interface ImportMapping {
  sheet?: string | null;
  header_row: number;
  columns: { field: string; column: string }[];
  defaults: { field: string; value: string }[];
}
/** Characters (Unicode scalar values) from the start, the end exclusive. */
export interface Span {
  start: number;
  end: number;
}
export interface Found {
  span: Span;
  text: string;
  value: string;
}
export interface Reading {
  phones: Found[];
  accounts: (Found & { side: "payer" | "payee"; kind: string })[];
  citizen_ids: Found[];
  references: Found[];
  amounts: (Omit<Found, "value"> & { value: Money; role: "paid" | "demanded" | "total" | "other" })[];
  times: (Found & { precision: "day" | "minute" | "second" })[];
  urls: Found[];
  chats: (Found & { service: string })[];
  names: (Found & { side: "payer" | "payee" })[];
  banks: Found[];
  payments: { payment: ReportPayment; spans: Span[] }[];
}
export interface Duplicate {
  /** Index of the payment that was asked about. */
  payment: number;
  certainty: string;
  report_id: string;
  number: string;
  state: ReportState;
  submitted_at: string;
  region: string;
}

export type OrderKind =
  | "stop" | "lift_stop" | "extend_stop" | "freeze" | "lift_freeze" | "renew_freeze"
  | "query_transactions" | "query_holder" | "query_accounts" | "watch" | "end_watch";
export type OrderAct =
  | "approve" | "refuse" | "cancel" | "attach_paper" | "lift" | "extend" | "freeze" | "renew"
  | "query" | "query_holder" | "query_accounts" | "watch" | "end_watch";
export interface OrderRow {
  id: string;
  number: string;
  case_id: string;
  case_number: string;
  region: string;
  partner: string;
  partner_name: string;
  kind: OrderKind;
  state: string;
  account: string;
  account_name?: string | null;
  level: number;
  /** How much is to be held; absent means the whole account. */
  amount?: Money | null;
  check_amount?: Money | null;
  check_at?: string | null;
  held?: Money | null;
  answer_code?: string | null;
  maker: string;
  made_at: string;
  reported_at: string;
  /** When the first order of a case should be on its way. */
  review_due: string;
  sent_at?: string | null;
  answer_due?: string | null;
  answered_at?: string | null;
  decided_at?: string | null;
  hold_until?: string | null;
  ended_at?: string | null;
  escalation: number;
}
export interface ExistingHold {
  authority: string;
  case_number: string;
  kind: string;
  amount_minor?: number | null;
  until: string;
  position: number;
}
export interface Movement {
  id: string;
  at: string;
  direction: "in" | "out";
  amount: Money;
  balance_after: Money;
  channel: string;
  counterparty_bank?: string | null;
  counterparty_account?: string | null;
  counterparty_name?: string | null;
  reference?: string | null;
  memo?: string | null;
}
export interface Answer {
  code: string;
  words?: Said;
  held?: Money | null;
  available?: Money | null;
  balance?: Money | null;
  from?: string | null;
  until?: string | null;
  stops_used?: number | null;
  position?: number | null;
  mismatches?: string[];
  faults?: Fault[];
  existing?: ExistingHold[];
  holder?: { name: string; id_number: string; phones: string[]; opened_at: string; branch?: string | null } | null;
  accounts?: { account: string; name: string; balance: Money; available: Money; opened_at: string }[] | null;
  transactions?: Movement[] | null;
  more?: boolean;
}
export interface Paper {
  name: string;
  sha256: string;
  media_type: string;
}
export interface Order extends OrderRow {
  reason: string;
  check_reference?: string | null;
  until?: string | null;
  period?: { from: string; to: string } | null;
  refers_to?: string | null;
  include_interest: boolean;
  approval_level?: string | null;
  checker?: string | null;
  /** The standing rule that approved it. */
  rule?: string | null;
  decision_reason?: string | null;
  message_id?: string | null;
  delivered_at?: string | null;
  papers: Paper[];
  answer?: Answer | null;
  sealed_header?: Record<string, unknown> | null;
  sealed_payload?: Record<string, unknown> | null;
  sealed_sha256?: string | null;
  acts: OrderAct[];
}
/** What became of an order. */
export interface OrderMade {
  id: string;
  number: string;
  state: string;
  acts: OrderAct[];
}
export interface StandingRule {
  id: string;
  name: string;
  kinds: OrderKind[];
  level_max: number;
  amount_max: Money;
  report_age_hours_max: number;
  region_prefix: string;
  author: string;
  approved_by?: string | null;
  valid_from: string;
  expires_at: string;
  ended_at?: string | null;
  in_force: boolean;
  may_approve: boolean;
  may_end: boolean;
}

export interface ChaseRow {
  case_id: string;
  case_number: string;
  region: string;
  state: "running" | "dry" | "paused";
  reported_at: string;
  started_at: string;
  changed_at: string;
  dry_at?: string | null;
  /** What the victim paid. */
  reported: Money;
  /** What is held of it. */
  stopped: Money;
  /** What has left the accounts. */
  exited: Money;
  /** What is neither. */
  open: Money;
  accounts: number;
  levels: number;
  orders_open: number;
}
/** `received = passed_on + exited + unseen + remaining`. */
export interface ChaseAccount {
  key: string;
  bank: string;
  bank_name: string;
  account: string;
  name?: string | null;
  level: number;
  received: Money;
  passed_on: Money;
  exited: Money;
  unseen: Money;
  remaining: Money;
  stopped: Money;
  out_of_reach: Money;
  state: string;
  orders: string[];
  may_stop: boolean;
}
export interface ChaseTransfer {
  from: string;
  to?: string | null;
  exit?: string | null;
  amount: Money;
  tainted: Money;
  at: string;
  level: number;
}
export interface Chase extends ChaseRow {
  payments: { to: string; amount: Money; at: string }[];
  accounts_found: ChaseAccount[];
  transfers: ChaseTransfer[];
  may_pause: boolean;
  may_resume: boolean;
}

export interface BankOrderRow {
  id: string;
  number: string;
  kind: OrderKind;
  case_number: string;
  authority: string;
  account: string;
  account_name?: string | null;
  amount?: Money | null;
  received_at: string;
  code: string;
  hold_id?: string | null;
}
export interface BankOrder extends BankOrderRow {
  level?: number | null;
  check_amount?: Money | null;
  check_at?: string | null;
  check_reference?: string | null;
  unit?: string | null;
  approver?: string | null;
  legal_basis?: string | null;
  reason?: string | null;
  until?: string | null;
  papers?: Paper[];
  answer?: Answer | null;
  sealed_header?: Record<string, unknown> | null;
  sealed_payload?: Record<string, unknown> | null;
  sealed_sha256?: string | null;
}
export interface Hold {
  id: string;
  kind: "stop" | "freeze" | "own_stop";
  state: "active" | "waiting" | "lapsed" | "lifted" | "replaced";
  account: string;
  account_name?: string | null;
  authority: string;
  case_number: string;
  /** The limit; absent means the whole account. */
  limit?: Money | null;
  held: Money;
  position: number;
  stops: number;
  order_id?: string | null;
  placed_at: string;
  from?: string | null;
  until?: string | null;
  ended_at?: string | null;
}
export interface BankAccount {
  account: string;
  name: string;
  kind: string;
  state: string;
  balance: Money;
  available: Money;
  held: Money;
  opened_at: string;
  protected_reason?: string | null;
  holds: Hold[];
}
export interface Notice {
  id: string;
  number: string;
  kind: string;
  centre: string;
  account?: string | null;
  hold_id?: string | null;
  made_at: string;
  made_by: string;
  answer?: { words?: Said; case_number?: string | null } | null;
}
export type DeskCounts = Record<string, number>;
