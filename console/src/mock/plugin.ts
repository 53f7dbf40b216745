/** A seat played by the development server: the API's shapes on invented data, kept in memory. Never in the bundle. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Connect, Plugin } from "vite";
import type { JournalEntry, Order } from "../api/types";
import * as data from "./data";

const SEAT = process.env.SHOUHU_MOCK_SEAT === "bank" ? "bank" : "centre";
/** How often something happens by itself, in milliseconds; 0 keeps still for photographs. */
const LIVE_EVERY_MS = Number(process.env.SHOUHU_MOCK_LIVE_MS ?? 0);
const CENTRE_RIGHTS = ["intake.read", "intake.write", "stop.read", "stop.make", "stop.check", "chase.read", "chase.act", "journal.read", "rules.write", "users.write", "partners.write", "reveal"];
const BANK_RIGHTS = ["bank.orders.read", "bank.holds.read", "bank.report.write", "bank.admin", "journal.read", "users.write", "partners.write", "reveal"];

let loggedIn = false;
const streams = new Set<ServerResponse>();

type Answer = { status?: number; body: unknown };
type Handler = (match: RegExpMatchArray, query: URLSearchParams, body: Record<string, unknown>) => Answer;

const ok = (body: unknown): Answer => ({ body });
const list = (items: unknown[]): Answer => ok({ items });
const problem = (status: number, code: string, zh: string, en: string, faults: unknown[] = []): Answer => ({
  status,
  body: { type: `urn:shouhu:problem:${code}`, title: zh, status, code, texts: { zh: { title: zh }, en: { title: en } }, faults, request_id: "01JD0MOCK" },
});
const notFound = () => problem(404, "not_found", "没有找到", "Not found");
const one = (items: { id: string }[], id: string | undefined): Answer => {
  const found = items.find((item) => item.id === id);
  return found ? ok(found) : notFound();
};
const session = () => ({
  user: { id: "u1", login: SEAT === "bank" ? "guiyuan" : "zhiban", name: SEAT === "bank" ? "柜员小李" : "赵值班", roles: [SEAT === "bank" ? "bank_admin" : "chief"], region: null },
  rights: SEAT === "bank" ? BANK_RIGHTS : CENTRE_RIGHTS, csrf: "mock", expires_at: data.iso(12 * 3600_000),
});

function tell(kind: string, subject: string): void {
  const last = data.journal[0]?.seq ?? 0;
  const entry: JournalEntry = { seq: last + 1, at: new Date().toISOString(), actor: "system:mock", seat: "centre-43", subject, kind, body: {}, private: false, hash: "0".repeat(64) };
  data.journal.unshift(entry);
  for (const stream of streams) stream.write(`event: journal\nid: ${entry.seq}\ndata: ${JSON.stringify(entry)}\n\n`);
}

function fault(field: string, code: string, zh: string, en: string, zhRemedy: string, enRemedy: string) {
  return { field, code, zh, en, zh_remedy: zhRemedy, en_remedy: enRemedy };
}

function decide(id: string | undefined, state: string, kind: string): Answer {
  const order = data.orders.find((item) => item.id === id);
  if (!order) return notFound();
  order.state = state;
  order.decided_at = new Date().toISOString();
  if (state === "sent") {
    order.sent_at = order.decided_at;
    order.answer_due = data.iso(30 * 60_000);
  }
  order.acts = data.actsOf(order);
  tell(kind, `order:${order.id}`);
  return ok({ id: order.id, number: order.number, state, acts: order.acts });
}

function follow(id: string | undefined, body: Record<string, unknown>): Answer {
  const earlier = data.orders.find((item) => item.id === id);
  if (!earlier) return notFound();
  if (!String(body.reason ?? "").trim()) return problem(422, "input.faulty", "填写内容有误，共 1 处", "The input has 1 fault", [fault("reason", "stop.reason_missing", "请填写事由", "a reason is needed", "写明依据", "say why")]);
  const order: Order = { ...earlier, id: data.newId(), number: `Z261124-0${900 + data.orders.length}`, state: "review", kind: body.act === "freeze" ? "freeze" : earlier.kind, answer: null, answer_code: null, sent_at: null, answered_at: null, hold_until: null, refers_to: earlier.id, held: null, sealed_payload: null, made_at: new Date().toISOString(), review_due: data.iso(30 * 60_000) };
  order.acts = data.actsOf(order);
  data.orders.unshift(order);
  tell("order.made", `order:${order.id}`);
  return { status: 201, body: { id: order.id, number: order.number, state: "review", acts: order.acts } };
}

function reading(text: string) {
  const chars = Array.from(text);
  const found = (pattern: RegExp) => [...text.matchAll(pattern)].map((match) => {
    const start = Array.from(text.slice(0, match.index)).length;
    return { span: { start, end: start + Array.from(match[0]).length }, text: match[0], value: match[0] };
  });
  const accounts = found(/\d{16,19}/g).map((one) => ({ ...one, side: "payee", kind: "card" }));
  const amounts = found(/\d+(?:\.\d+)?万?元/g).map((one) => ({ ...one, value: { minor: Math.round(parseFloat(one.text) * (one.text.includes("万") ? 10000 : 1) * 100), currency: "CNY" }, role: "paid" }));
  const times = found(/\d{1,2}[点时]\d{0,2}分?/g).map((one) => ({ ...one, value: data.iso(-3600_000), precision: "minute" }));
  void chars;
  return {
    phones: found(/(?<!\d)1[3-9]\d{9}(?!\d)/g), accounts, citizen_ids: [], references: [], amounts, times, urls: found(/https?:\/\/[\w./-]+/g), chats: [], names: found(/(?<=户名|姓名)[\u4e00-\u9fa5]{2,3}/g).map((one) => ({ ...one, side: "payee" })), banks: [],
    payments: accounts.map((account, index) => ({ spans: [account.span], payment: { payer_account: "", payer_name: "", payer_bank: "", payee_account: account.value, payee_name: "李卫东", payee_bank: "bank-a", amount: amounts[index]?.value ?? "", currency: "CNY", paid_at: data.iso(-(90 - index * 8) * 60_000), channel: "mobile", reference: "" } })),
  };
}

function submitFaults(body: Record<string, unknown>) {
  const faults = [];
  const victim = (body.victim ?? {}) as Record<string, string>;
  if (!victim.name) faults.push(fault("victim.name", "person_name.empty", "姓名不能为空", "a name is needed", "请填写报案人姓名", "give the victim's name"));
  if (!/^\d{11}$/.test(victim.phone ?? "")) faults.push(fault("victim.phone", "msisdn.length", "手机号应为 11 位", "a mobile number has 11 digits", "请核对来电号码", "check the caller's number"));
  if (!body.scam_type) faults.push(fault("scam_type", "report.missing", "请填写该栏", "this must be given", "请补齐", "fill it in"));
  for (const [index, payment] of ((body.payments ?? []) as Record<string, string>[]).entries()) {
    if (!payment.payee_bank) faults.push(fault(`payments[${index}].payee_bank`, "report.missing", "请填写该栏", "this must be given", "请选择收款银行", "choose the bank"));
    if (!payment.amount) faults.push(fault(`payments[${index}].amount`, "money.empty", "金额不能为空", "an amount is needed", "如 30000 或 3万", "for instance 30000"));
  }
  return faults;
}

const drafts = new Map<string, Record<string, unknown>>();

function saveDraft(id: string, body: Record<string, unknown>): Answer {
  drafts.set(id, body);
  return ok({ ...body, id, number: "R261124-0131", state: "draft", version: 1, masked: false, faults: [], warnings: [], allowed: ["change", "submit"], created_at: data.iso(0), created_by: "zhiban", changed_at: data.iso(0) });
}

const shared: [string, RegExp, Handler][] = [
  ["GET", /^\/seat$/, () => ok({ seat: SEAT, id: SEAT === "bank" ? "bank-a" : "centre-43", name: SEAT === "bank" ? { zh: "湘江示范银行", en: "Xiangjiang Demo Bank" } : { zh: "湖南省反诈中心（示范）", en: "Hunan Anti-scam Centre (demo)" }, version: "0.1.0", now: new Date().toISOString(), oidc: false })],
  ["GET", /^\/session$/, () => (loggedIn ? ok(session()) : problem(401, "unauthenticated", "请先登录", "Log in first"))],
  ["POST", /^\/session$/, (_match, _query, body) => {
    if (body.password !== "demo") return problem(401, "login.failed", "用户名或密码不正确", "User name or password is wrong");
    if (body.login === "totp" && !body.totp) return problem(401, "login.totp_needed", "需要动态口令", "A code of the authenticator is needed");
    loggedIn = true;
    return { status: 201, body: session() };
  }],
  ["DELETE", /^\/session$/, () => { loggedIn = false; return { status: 204, body: null }; }],
  ["GET", /^\/regions$/, () => list(data.regions)],
  ["GET", /^\/scam-types$/, () => list(data.scamTypes)],
  ["GET", /^\/partners$/, () => list(data.partners)],
  ["GET", /^\/users$/, () => list(data.users)],
  ["GET", /^\/roles$/, () => ok(data.roles)],
  ["GET", /^\/journal$/, (_match, query) => {
    const items = data.journal.filter((entry) => entry.kind.startsWith(query.get("kind") ?? "") && (!query.get("subject") || entry.subject === query.get("subject")));
    return ok({ items: items.slice(0, 100), next: items.length > 100 ? "more" : undefined });
  }],
  ["GET", /^\/journal\/verification$/, () => ok({ ok: true, entries: data.journal.length, head_hash: data.journal[0]?.hash, sealed_seq: data.journal.length - 3, at: data.iso(-60_000) })],
  ["POST", /^\/journal\/verification$/, () => ok({ ok: true, entries: data.journal.length, head_hash: data.journal[0]?.hash, sealed_seq: data.journal.length - 3, at: new Date().toISOString() })],
  ["POST", /^\/reveal$/, (_match, _query, body) => ok({ value: String(body.field).includes("phone") ? "13873100088" : String(body.field).includes("account") && !String(body.field).includes("name") ? "6222020200112233312" : "李卫东" })],
  ["GET", /^\/search$/, (_match, query) => list(data.orders.filter((order) => `${order.number}${order.account}${order.account_name}`.includes(query.get("q") ?? "")).slice(0, 8).map((order) => ({ subject: `order:${order.id}`, number: order.number, title: `${order.partner_name} ${order.account} ${order.account_name}`, hint: order.case_number })))],
];

const QUEUES: Record<string, string[]> = { review: ["review"], waiting: ["sent"], held: ["in_effect", "waiting"], refused: ["refused", "rejected", "expired"], ended: ["done", "lapsed", "lifted", "replaced", "cancelled"] };
const count = (queue: string) => data.orders.filter((order) => QUEUES[queue]?.includes(order.state)).length;

const centre: [string, RegExp, Handler][] = [
  ["GET", /^\/desk-counts$/, () => ok({ drafts: 3, review: count("review"), waiting: count("waiting"), overdue: 1, held: count("held"), refused: count("refused"), chases: 2 })],
  ["GET", /^\/reports$/, (_match, query) => list(data.reports.filter((report) => (!query.get("state") || report.state === query.get("state")) && `${report.number}${report.victim.name}`.includes(query.get("q") ?? ""))
    .map((report) => ({ ...report, victim_name: report.victim.name, victim_phone: report.victim.phone, amount: data.cny(report.payments.reduce((sum, payment) => sum + (typeof payment.amount === "string" ? 0 : payment.amount.minor), 0)), payments: report.payments.length })))],
  ["GET", /^\/reports\/([\w-]+)$/, (match) => one(data.reports, match[1])],
  ["POST", /^\/reports$/, (_match, _query, body) => ({ ...saveDraft(data.newId(), body), status: 201 })],
  ["PUT", /^\/reports\/([\w-]+)$/, (match, _query, body) => saveDraft(match[1]!, body)],
  ["POST", /^\/reports\/([\w-]+)\/submit$/, (match) => {
    const body = drafts.get(match[1]!) ?? {};
    const faults = submitFaults(body);
    if (faults.length > 0) return problem(422, "input.faulty", `填写内容有误，共 ${faults.length} 处`, `The input has ${faults.length} fault(s)`, faults);
    return ok({ ...data.reports[4], state: "submitted" });
  }],
  ["POST", /^\/reports\/read-narrative$/, (_match, _query, body) => ok(reading(String(body.text ?? "")))],
  ["POST", /^\/reports\/duplicates$/, (_match, _query, body) => list(JSON.stringify(body.payments).includes("6222021202034443312") ? [{ payment: 0, certainty: "same", report_id: data.reports[5]!.id, number: data.reports[5]!.number, state: "submitted", submitted_at: data.reports[5]!.submitted_at, region: "430102" }] : [])],
  ["GET", /^\/report-imports$/, () => list(data.imports)],
  ["POST", /^\/report-imports$/, () => ok(data.imports[0])],
  ["GET", /^\/report-import-mappings\/.*$/, () => notFound()],
  ["GET", /^\/orders$/, (_match, query) => {
    const states = QUEUES[query.get("queue") ?? ""];
    return list(data.orders.filter((order) => (!states || states.includes(order.state)) && (!query.get("case") || order.case_id === query.get("case")) && (!query.get("partner") || order.partner === query.get("partner")) && `${order.number}${order.account}${order.case_number}`.includes(query.get("q") ?? "")));
  }],
  ["GET", /^\/orders\/([\w-]+)$/, (match) => one(data.orders, match[1])],
  ["POST", /^\/orders\/([\w-]+)\/approve$/, (match) => decide(match[1], "sent", "order.sent")],
  ["POST", /^\/orders\/([\w-]+)\/refuse$/, (match) => decide(match[1], "refused", "order.refused")],
  ["POST", /^\/orders\/([\w-]+)\/cancel$/, (match) => decide(match[1], "cancelled", "order.cancelled")],
  ["POST", /^\/orders\/([\w-]+)\/follow$/, (match, _query, body) => follow(match[1], body)],
  ["GET", /^\/standing-rules$/, () => list(data.rules)],
  ["GET", /^\/chases$/, (_match, query) => list(data.chases.filter((chase) => !query.get("state") || chase.state === query.get("state")).map(({ accounts_found: _a, transfers: _t, payments: _p, ...row }) => row))],
  ["GET", /^\/chases\/([\w-]+)$/, (match) => {
    const found = data.chases.find((chase) => chase.case_id === match[1]);
    return found ? ok(found) : notFound();
  }],
  ["POST", /^\/chases\/([\w-]+)\/stop-account$/, () => ({ status: 201, body: { id: data.orders[0]!.id } })],
  ["POST", /^\/chases\/([\w-]+)\/(pause|resume)$/, () => ({ status: 204, body: null })],
  ["POST", /^\/public\/reports$/, (_match, _query, body) => {
    const faults = submitFaults({ ...body, scam_type: "other", payments: [] });
    return faults.length > 0 ? problem(422, "input.faulty", `填写内容有误，共 ${faults.length} 处`, `The input has ${faults.length} fault(s)`, faults) : { status: 201, body: { number: "R261124-0132", code: "report.received", zh: "已收到", en: "Received" } };
  }],
];

const bank: [string, RegExp, Handler][] = [
  ["GET", /^\/desk-counts$/, () => ok({ orders: 2, holds: 11, holds_ending: 1, notices: 1 })],
  ["GET", /^\/orders$/, () => list(data.bankOrders)],
  ["GET", /^\/orders\/([\w-]+)$/, (match) => one(data.bankOrders, match[1])],
  ["GET", /^\/holds$/, (_match, query) => list(data.holds.filter((hold) => !query.get("state") || hold.state === query.get("state")))],
  ["GET", /^\/holds\/([\w-]+)$/, (match) => one(data.holds, match[1])],
  ["GET", /^\/accounts\/(\w+)$/, () => ok({ account: "6222020200112233312", name: "李**", kind: "settlement", state: "open", balance: data.cny(8630000), available: data.cny(1250000), held: data.cny(7380000), opened_at: data.iso(-400 * 86_400_000), protected_reason: null, holds: data.holds.slice(0, 2) })],
  ["GET", /^\/accounts\/(\w+)\/statement$/, () => list(data.movementsOf(30))],
  ["GET", /^\/notices$/, () => list(data.notices)],
  ["POST", /^\/notices$/, () => ({ status: 201, body: { id: data.notices[0]!.id, number: data.notices[0]!.number } })],
];

function readBody(request: IncomingMessage): Promise<Record<string, unknown>> {
  return new Promise((resolve) => {
    let text = "";
    request.on("data", (chunk: Buffer) => (text += chunk.toString()));
    request.on("end", () => {
      try {
        resolve(text ? (JSON.parse(text) as Record<string, unknown>) : {});
      } catch {
        resolve({});
      }
    });
  });
}

const serve: Connect.NextHandleFunction = (request, response, next) => {
  const url = new URL(request.url ?? "/", "http://mock");
  if (!url.pathname.startsWith("/api/")) return next();
  const path = url.pathname.slice(4);
  if (path === "/events") {
    response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-cache" });
    response.write(": alive\n\n");
    streams.add(response);
    request.on("close", () => streams.delete(response));
    return;
  }
  void readBody(request).then((body) => {
    for (const [method, pattern, handler] of [...shared, ...(SEAT === "bank" ? bank : centre)]) {
      const match = path.match(pattern);
      if (!match || method !== request.method) continue;
      const open = /^\/(seat|session|regions|scam-types|public)/.test(path);
      const answer = loggedIn || open ? handler(match, url.searchParams, body) : problem(401, "unauthenticated", "请先登录", "Log in first");
      response.writeHead(answer.status ?? 200, { "content-type": "application/json" });
      response.end(answer.body === null ? "" : JSON.stringify(answer.body));
      return;
    }
    const answer = problem(404, "no_route", "没有这个接口", "No such route");
    response.writeHead(404, { "content-type": "application/problem+json" });
    response.end(JSON.stringify(answer.body));
  });
};

export function mockSeat(): Plugin {
  if (LIVE_EVERY_MS > 0) {
    setInterval(() => {
      const order = data.orders[Math.floor(Math.random() * data.orders.length)];
      if (order) tell("order.answered", `order:${order.id}`);
    }, LIVE_EVERY_MS).unref();
  }
  return {
    name: "shouhu-mock-seat",
    configureServer: (server) => { server.middlewares.use(serve); },
    configurePreviewServer: (server) => { server.middlewares.use(serve); },
  };
}
