/** Invented data in the seats' API shapes, for writing and photographing pages. All people are synthetic. */
import type { BankOrder, Chase, ChaseAccount, ChaseTransfer, Hold, ImportReport, JournalEntry, Money, Movement, Notice, Order, OrderKind, Partner, Report, StandingRule, User } from "../api/types";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
export const START = Date.now();
export const iso = (offsetMs: number) => new Date(START + offsetMs).toISOString();
export const cny = (minor: number): Money => ({ minor: Math.round(minor), currency: "CNY" });

let seed = 20261123;
function random(): number {
  seed = (seed * 1664525 + 1013904223) % 4294967296;
  return seed / 4294967296;
}
const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
let ids = 0;
export const newId = () => `0192f3a4-7c00-7000-8000-${String(++ids).padStart(12, "0")}`;
const hex = (length: number) => Array.from({ length }, () => Math.floor(random() * 16).toString(16)).join("");

export const partners: Partner[] = [
  ["bank-a", "湘江示范银行", "Xiangjiang Demo Bank", 8431], ["bank-b", "洞庭示范银行", "Dongting Demo Bank", 8432], ["pay-c", "橘洲支付", "Juzhou Pay", 8433],
].map(([id, name, name_en, port]) => ({
  id: String(id), name: String(name), name_en: String(name_en), role: "bank" as const, base_url: `http://127.0.0.1:${port}`,
  keys: [{ kid: `${id}-2026`, public: hex(43), not_before: iso(-90 * DAY), not_after: iso(id === "pay-c" ? 12 * DAY : 275 * DAY) }],
  contacts: [{ name: "值班甲", phone: "0731-55550101", duty: "primary" }, { name: "值班乙", phone: "0731-55550102", duty: "deputy" }],
  bank_codes: [`9${port}00100017`], answer_minutes: id === "pay-c" ? 10 : 30, enabled: true,
}));
partners.push({ id: "centre-43", name: "湖南省反诈中心（示范）", name_en: "Hunan Anti-scam Centre (demo)", role: "centre", base_url: "http://127.0.0.1:8430", keys: [{ kid: "centre-43-2026", public: hex(43), not_before: iso(-90 * DAY), not_after: iso(275 * DAY) }], contacts: [], bank_codes: [], answer_minutes: 30, enabled: true });
const bankName = (id: string) => partners.find((partner) => partner.id === id)?.name ?? id;

const SURNAMES = [..."张王李赵刘陈杨黄周吴徐孙马朱胡"];
export const maskedName = () => `${pick(SURNAMES)}${random() < 0.5 ? "*" : "**"}`;
export const maskedAccount = () => `${pick(["6222", "6217", "6228", "6259"])}********${String(Math.floor(random() * 10000)).padStart(4, "0")}`;
const maskedPhone = () => `1${pick(["38", "39", "77", "86", "59"])}****${String(Math.floor(random() * 10000)).padStart(4, "0")}`;

export const scamTypes = [
  ["brushing", "刷单返利", "Fake order-brushing"], ["impersonated_service", "冒充电商物流客服", "Impersonated shop or courier service"], ["investment", "虚假网络投资理财", "Fake investment"],
  ["loan", "贷款、代办信用卡", "Loan or credit card"], ["credit_record", "虚假征信", "Fake credit record"], ["shopping", "虚假购物、服务", "Fake shopping or service"],
  ["authority", "冒充公检法及政府机关", "Impersonated police or authority"], ["acquaintance", "冒充领导、熟人", "Impersonated boss or acquaintance"], ["game", "网络游戏产品虚假交易", "Fake trade of game items"],
  ["dating", "网络婚恋、交友", "Online dating"], ["blackmail", "网黑案件", "Online blackmail"], ["army", "冒充军警购物", "Impersonated army or police purchase"], ["other", "其他", "Other"],
].map(([code, zh, en]) => ({ code: code!, name: { zh: zh!, en: en! }, about: { zh: "", en: "" }, reminder: { zh: "", en: "" } }));

export const regions = [
  ["430000", "湖南省", "Hunan", "province", null],
  ["430100", "长沙市", "Changsha", "city", "430000"], ["430102", "芙蓉区", "Furong", "county", "430100"], ["430103", "天心区", "Tianxin", "county", "430100"], ["430104", "岳麓区", "Yuelu", "county", "430100"], ["430111", "雨花区", "Yuhua", "county", "430100"],
  ["430200", "株洲市", "Zhuzhou", "city", "430000"], ["430211", "天元区", "Tianyuan", "county", "430200"],
  ["431300", "娄底市", "Loudi", "city", "430000"], ["431321", "双峰县", "Shuangfeng", "county", "431300"], ["431302", "娄星区", "Louxing", "county", "431300"],
  ["430600", "岳阳市", "Yueyang", "city", "430000"], ["430682", "临湘市", "Linxiang", "county", "430600"],
].map(([code, zh, en, level, parent]) => ({ code: String(code), name: { zh: String(zh), en: String(en) }, level: level as "city", parent }));
const places = regions.filter((region) => region.level === ("county" as string));

const STORIES = [
  "报案人称：今日上午9时20分接到自称“长沙市公安局刑侦支队”的电话，称其名下银行卡涉嫌洗钱，要求将资金转入“安全账户”接受核查。9时58分，其通过手机银行向户名李**、账号6222********3312的账户转出30000元，10时06分又转出18000元，后对方要求继续转账时发现被骗。",
  "报案人在短视频平台看到兼职刷单广告，添加对方QQ后先做三单返利共86元，随后被要求“做联单”，先后三次向对方提供的账户转账共计52,800元，对方以“卡单”为由拒绝返款。",
  "报案人接到自称快递客服的来电，称包裹丢失可三倍理赔，诱导其下载会议软件共享屏幕，银行卡内存款被转走。",
];

export const reports: Report[] = Array.from({ length: 18 }, (_, index) => {
  const state = index < 3 ? "draft" : index === 6 ? "joined" : index === 15 ? "closed" : "submitted";
  const place = pick(places);
  const at = -(index * 37 + 12) * MINUTE;
  const payments = Array.from({ length: 1 + (index % 3) }, (_p, n) => ({
    payer_account: maskedAccount(), payer_name: maskedName(), payer_bank: pick(["bank-a", "bank-b"]), payee_account: maskedAccount(), payee_name: maskedName(), payee_bank: pick(["bank-a", "bank-b", "pay-c"]),
    amount: cny(pick([30000_00, 18000_00, 52800_00, 1250000_00, 9800_00, 300_00])), currency: "CNY", paid_at: iso(at - (20 - n * 8) * MINUTE), channel: pick(["mobile", "online", "counter"]), reference: `2026${hex(10).toUpperCase()}`,
  }));
  return {
    id: newId(), number: `R261124-${String(118 - index).padStart(4, "0")}`, state: state as Report["state"], version: 3, masked: state !== "draft",
    channel: pick(["110", "96110", "counter", "public", "partner"]), victim: { name: maskedName(), citizen_id: "4301**********002X", phone: maskedPhone(), region: place.code },
    narrative: pick(STORIES), payments, contacts: [{ kind: "phone", value: "0085****3321" }, { kind: "url", value: "https://example.test/task" }], scam_type: pick(scamTypes).code, region: place.code, occurred_at: iso(at - 30 * MINUTE),
    created_at: iso(at), created_by: "jiejing", changed_at: iso(at + 2 * MINUTE), submitted_at: state === "draft" ? null : iso(at + 3 * MINUTE),
    joined_to: null, faults: [], warnings: index === 4 ? [{ field: "payments[0].amount", code: "amount.large", zh: "金额超过一千万元", en: "The amount is above ten million", zh_remedy: "请与报案人再次核对", en_remedy: "Check it with the victim once more" }] : [],
    allowed: state === "draft" ? ["change", "submit"] : state === "submitted" ? ["close"] : [],
  } satisfies Report;
});
const seventh = reports[6];
const eighth = reports[7];
if (seventh && eighth) seventh.joined_to = { id: eighth.id, number: eighth.number };
const cases = reports.filter((report) => report.state === "submitted");

export function movementsOf(count: number): Movement[] {
  let balance = 86_300_00;
  return Array.from({ length: count }, (_, index) => {
    const incoming = index % 3 === 0;
    const amount = Math.round(random() * 30000) * 100 + 5000;
    balance = Math.max(0, balance + (incoming ? amount : -amount));
    return {
      id: newId(), at: iso(-(count - index) * 11 * MINUTE), direction: incoming ? "in" as const : "out" as const, amount: cny(amount), balance_after: cny(balance), channel: pick(["mobile", "online", "atm", "payment_institution", "cash"]),
      counterparty_bank: pick(["bank-a", "bank-b", "pay-c"]), counterparty_account: maskedAccount(), counterparty_name: maskedName(), reference: `T${hex(8)}`, memo: pick(["转账", "还款", "货款", ""]),
    };
  });
}

let orderNumber = 360;
const STATES: [string, number][] = [["review", 8], ["sent", 5], ["in_effect", 9], ["waiting", 1], ["rejected", 4], ["expired", 1], ["refused", 1], ["done", 4], ["lapsed", 1], ["lifted", 1]];
export const orders: Order[] = STATES.flatMap(([state, count]) => Array.from({ length: count }, (_, index) => makeOrder(state, index)));

export function actsOf(order: Pick<Order, "state" | "kind">): Order["acts"] {
  if (order.state === "review") return ["approve", "refuse", "cancel", "attach_paper"];
  if (order.state === "in_effect" || order.state === "waiting") return order.kind === "freeze" ? ["renew", "lift", "query", "query_holder", "query_accounts", "watch"] : ["freeze", "extend", "lift", "query", "query_holder", "query_accounts", "watch"];
  return order.kind === "stop" ? ["query", "query_holder", "query_accounts", "watch"] : [];
}

function makeOrder(state: string, index: number): Order {
  const report = cases[(index * 3 + state.length) % cases.length]!;
  const kind: OrderKind = state === "done" ? pick(["query_transactions", "query_holder", "extend_stop"]) : state === "waiting" || (state === "in_effect" && index > 6) ? "freeze" : index % 5 === 4 && state === "review" ? "freeze" : "stop";
  const partner = pick(["bank-a", "bank-b", "pay-c"]);
  const amount = pick([30000_00, 18000_00, 52800_00, 9800_00, 126500_00, 1250000_00]);
  const made = -(6 + index * 4 + (state === "review" ? 0 : 60)) * MINUTE;
  const sent = ["review", "refused"].includes(state) ? null : iso(made + MINUTE);
  const answered = ["review", "refused", "sent", "expired"].includes(state) ? null : iso(made + 2 * MINUTE);
  const held = ["in_effect", "lapsed", "lifted"].includes(state) ? cny(index % 3 === 2 ? amount * 0.42 : amount) : null;
  const code = state === "in_effect" ? (index % 3 === 2 ? "done_in_part" : "done") : state === "rejected" ? (["name_mismatch", "amount_or_time_mismatch", "no_such_account", "protected_account"][index] ?? "no_such_account") : state === "waiting" ? "waiting_in_line" : answered ? "done" : null;
  const until = state === "in_effect" || state === "waiting" ? iso(kind === "freeze" ? 160 * DAY : [0.6, 3.2, 9, 21, 33, 40, 46][index % 7]! * HOUR) : null;
  const transactions = kind === "query_transactions" ? movementsOf(24) : null;
  const id = newId();
  const number = `Z261124-${String(++orderNumber).padStart(4, "0")}`;
  const account = maskedAccount();
  const name = maskedName();
  return {
    id, number, case_id: report.id, case_number: report.number, region: report.region, partner, partner_name: bankName(partner), kind, state, account, account_name: name, level: 1 + (index % 4),
    amount: kind.startsWith("query") ? null : index === 3 ? null : cny(amount), check_amount: kind === "stop" ? cny(amount) : null, check_at: kind === "stop" ? iso(made - 25 * MINUTE) : null, held, answer_code: code,
    maker: index % 2 ? "zhifu" : "system:stop", made_at: iso(made), reported_at: report.submitted_at ?? iso(made - 5 * MINUTE), review_due: iso(made + (state === "review" ? [4, 11, 18, 22, 25, 27, 29, 30][index % 8]! : 30) * MINUTE), sent_at: sent, answer_due: sent ? iso(made + (state === "sent" ? [-80, 8, 19, 26, 29][index % 5]! * MINUTE - made : 31 * MINUTE)) : null,
    answered_at: answered, decided_at: state === "review" ? null : iso(made + MINUTE), hold_until: until, ended_at: ["lapsed", "lifted", "done", "refused"].includes(state) ? iso(made + 30 * MINUTE) : null, escalation: state === "sent" && index === 0 ? 1 : 0,
    reason: "报案人确认被骗，涉案资金转入该账户", check_reference: kind === "stop" ? `2026${hex(10).toUpperCase()}` : null, until: kind === "freeze" ? iso(160 * DAY) : null, period: kind === "query_transactions" ? { from: iso(-3 * DAY), to: iso(0) } : null, refers_to: null,
    include_interest: kind === "freeze", approval_level: kind === "freeze" ? "county" : null, checker: sent ? "fuhe" : null, rule: null, decision_reason: state === "refused" ? "收款账号与叙述不一致" : null, message_id: sent ? newId() : null, delivered_at: sent ? iso(made + MINUTE + 800) : null,
    papers: kind === "freeze" ? [{ name: "冻结财产通知书.pdf", sha256: hex(64), media_type: "application/pdf" }] : [],
    answer: answered ? {
      code: code ?? "done", words: { code: code ?? "done", zh: code === "name_mismatch" ? "户名与账务记录不一致，未止付" : code === "done_in_part" ? "余额不足，已按可用余额控制" : "已按指令办理", en: code === "name_mismatch" ? "The name differs from our books; not stopped" : code === "done_in_part" ? "The balance is below the amount; what was there is held" : "Carried out" },
      held, available: cny(0), balance: held ?? cny(12_35), from: answered, until, stops_used: kind === "stop" && state === "in_effect" ? 1 : null, position: state === "waiting" ? 2 : null, mismatches: code === "name_mismatch" ? ["account_name"] : code === "amount_or_time_mismatch" ? ["amount"] : [], faults: [],
      existing: state === "waiting" ? [{ authority: "株洲市公安局", case_number: "A4302002026110032", kind: "freeze", amount_minor: null, until: iso(92 * DAY), position: 1 }] : [], holder: kind === "query_holder" ? { name, id_number: "**************3312", phones: [maskedPhone()], opened_at: iso(-420 * DAY), branch: "五一路支行" } : null, accounts: null, transactions, more: false,
    } : null,
    sealed_header: sent ? { alg: "EdDSA", kid: "centre-43-2026", typ: "shouhu-message+jws" } : null,
    sealed_payload: sent ? { v: 1, id: newId(), from: "centre-43", to: partner, kind: "order", issued_at: sent, body: { order_id: id, number, kind, account: { number: account, name }, amount_minor: amount, currency: "CNY", reason: "报案人确认被骗，涉案资金转入该账户" } } : null,
    sealed_sha256: sent ? hex(64) : null, acts: actsOf({ state, kind }),
  };
}
/** A chase with so many accounts at each level. */
function makeChase(report: Report, widths: number[], state: Chase["state"]): Chase {
  const accounts: ChaseAccount[] = [];
  const transfers: ChaseTransfer[] = [];
  const lost = widths.length > 4 ? 4_860_000_00 : 260_000_00;
  let parents: ChaseAccount[] = [];
  let stoppedAll = 0;
  let exitedAll = 0;
  widths.forEach((width, place) => {
    const level = place + 1;
    const source = place === 0 ? lost : parents.reduce((sum, parent) => sum + parent.passed_on.minor, 0);
    const weights = Array.from({ length: width }, () => 0.3 + random());
    const whole = weights.reduce((sum, weight) => sum + weight, 0);
    const here = weights.map((weight) => {
      const received = Math.floor((source * weight) / whole);
      const last = place === widths.length - 1;
      const roll = random();
      const kept = last ? received : Math.floor(received * (roll < 0.2 ? 0.9 : roll < 0.5 ? 0.3 : 0.05));
      const exited = last ? Math.floor(received * (random() < 0.4 ? 0.8 : 0.1)) : Math.floor(received * (random() < 0.25 ? 0.25 : 0));
      const passed = Math.max(0, received - kept - exited);
      const remaining = last ? received - exited : received - passed - exited;
      const stopped = random() < (level < 3 ? 0.85 : 0.6) ? remaining : 0;
      stoppedAll += stopped;
      exitedAll += exited;
      const bank = pick(["bank-a", "bank-b", "pay-c"]);
      const account: ChaseAccount = {
        key: hex(16), bank, bank_name: bankName(bank), account: maskedAccount(), name: maskedName(), level, received: cny(received), passed_on: cny(last ? 0 : passed), exited: cny(exited), unseen: cny(0), remaining: cny(remaining), stopped: cny(stopped), out_of_reach: cny(exited),
        state: remaining === 0 ? "emptied" : stopped >= remaining ? "stopped" : pick(["found", "asking", "stopping"]), orders: level < 3 && width < 20 ? [pick(orders).id] : [], may_stop: remaining > stopped,
      };
      if (exited > 0) transfers.push({ from: account.key, exit: pick(["cash", "cash", "virtual_currency", "top_up", "card_terminal", "abroad"]), amount: cny(exited), tainted: cny(exited), at: iso(-2 * HOUR + level * 6 * MINUTE), level });
      return account;
    });
    here.forEach((account, index) => {
      const from = parents[index % Math.max(1, parents.length)];
      if (from) transfers.push({ from: from.key, to: account.key, amount: account.received, tainted: account.received, at: iso(-2 * HOUR + level * 5 * MINUTE), level });
    });
    accounts.push(...here);
    parents = here.filter((account) => account.passed_on.minor > 0);
    if (parents.length === 0) parents = here.slice(0, 1);
  });
  const first = accounts.filter((account) => account.level === 1);
  return {
    case_id: report.id, case_number: report.number, region: report.region, state, reported_at: report.submitted_at ?? iso(0), started_at: report.submitted_at ?? iso(0), changed_at: iso(-MINUTE), dry_at: state === "dry" ? iso(-10 * MINUTE) : null,
    reported: cny(lost), stopped: cny(stoppedAll), exited: cny(exitedAll), open: cny(Math.max(0, lost - stoppedAll - exitedAll)), accounts: accounts.length, levels: widths.length, orders_open: state === "running" ? 7 : 0,
    payments: first.map((account) => ({ to: account.key, amount: account.received, at: iso(-3 * HOUR) })), accounts_found: accounts, transfers, may_pause: state !== "paused", may_resume: state === "paused",
  };
}
export const chases: Chase[] = [
  makeChase(cases[0]!, [2, 5, 11, 8], "running"),
  makeChase(cases[1]!, [3, 40, 220, 480, 257], "running"),
  makeChase(cases[2]!, [1, 3], "dry"),
  makeChase(cases[3]!, [2, 4, 6], "paused"),
];

export const rules: StandingRule[] = [
  { id: newId(), name: "夜间快速止付", kinds: ["stop", "query_transactions"], level_max: 3, amount_max: cny(5_000_000), report_age_hours_max: 72, region_prefix: "43", author: "zhiban", approved_by: "zhiban2", valid_from: iso(-10 * DAY), expires_at: iso(20 * DAY), ended_at: null, in_force: true, may_approve: false, may_end: true },
  { id: newId(), name: "双峰专项监控", kinds: ["watch"], level_max: 5, amount_max: cny(20_000_000), report_age_hours_max: 240, region_prefix: "431321", author: "zhiban2", approved_by: null, valid_from: iso(-2 * HOUR), expires_at: iso(9 * DAY), ended_at: null, in_force: false, may_approve: true, may_end: true },
];

export const users: User[] = [
  ["jiejing", "陈接警", ["intake_officer"]], ["zhifu", "刘止付", ["stop_officer"]], ["fuhe", "王复核", ["stop_reviewer"]], ["zhiban", "赵值班", ["chief"]], ["shenji", "周审计", ["auditor"]], ["admin", "系统管理员", ["admin"]],
].map(([login, name, roles], index) => ({ id: newId(), login: String(login), name: String(name), roles: roles as string[], region: index < 3 ? "430100" : null, disabled: index === 4, external: index === 3, totp: index > 1, created: iso(-90 * DAY), changed: iso(-index * DAY) }));

export const roles = {
  roles: [["intake_officer", "接警员", "Intake officer", ["intake.read", "intake.write", "reveal"]], ["stop_officer", "止付员", "Stop officer", ["stop.read", "stop.make", "chase.act"]], ["stop_reviewer", "复核员", "Stop reviewer", ["stop.read", "stop.check"]], ["chief", "值班领导", "Chief on duty", ["stop.check", "rules.write", "journal.read"]], ["auditor", "审计员", "Auditor", ["journal.read"]], ["admin", "系统管理员", "Administrator", ["users.write", "partners.write"]]]
    .map(([code, zh, en, rights]) => ({ code, zh, en, seats: ["centre"], rights })),
  rights: [["intake.read", "查看报案", "See reports"], ["intake.write", "登记报案", "Take reports"], ["stop.read", "查看指令", "See orders"], ["stop.make", "制作指令", "Make orders"], ["stop.check", "复核指令", "Check orders"], ["chase.act", "操作资金追踪", "Act on chases"], ["journal.read", "查看日志", "Read the journal"], ["rules.write", "维护常设规则", "Keep standing rules"], ["users.write", "管理用户", "Manage users"], ["partners.write", "管理合作单位", "Manage partners"], ["reveal", "查看未遮蔽的个人信息", "Reveal personal data"]]
    .map(([code, zh, en]) => ({ code, zh, en })),
};

export const journal: JournalEntry[] = Array.from({ length: 260 }, (_, index) => {
  const order = pick(orders);
  const kind = pick(["order.made", "order.sent", "order.answered", "report.submitted", "chase.moved", "personal.revealed", "session.opened", "order.ending_soon"]);
  const subject = kind.startsWith("report") ? `report:${order.case_id}` : kind.startsWith("chase") ? `chase:${order.case_id}` : kind.startsWith("session") ? `user:${users[0]!.id}` : `order:${order.id}`;
  return { seq: 260 - index, at: iso(-index * 3 * MINUTE), actor: pick(["jiejing", "zhifu", "fuhe", "system:stop", "system:chase"]), seat: "centre-43", subject, case_id: order.case_id, region: "430102", kind, purpose: kind === "personal.revealed" ? "核对账户与身份" : null, body: { number: order.number, level: order.level, kind: order.kind }, private: index % 3 === 0, hash: hex(64) };
});

export const holds: Hold[] = orders.filter((order) => order.partner === "bank-a" || order.state === "in_effect").slice(0, 14).map((order, index) => ({
  id: newId(), kind: index === 2 ? "own_stop" : order.kind === "freeze" ? "freeze" : "stop", state: index === 5 ? "waiting" : index > 10 ? "lapsed" : "active", account: order.account, account_name: order.account_name, authority: "centre-43", case_number: order.case_number,
  limit: index % 4 === 3 ? null : order.amount, held: order.held ?? order.amount ?? cny(120000), position: index === 5 ? 2 : 1, stops: 1, order_id: order.id, placed_at: order.made_at, from: index === 5 ? null : order.made_at, until: iso([2, 3.5, 9, 20, 31, 44, 47][index % 7]! * HOUR), ended_at: index > 10 ? iso(-HOUR) : null,
}));
export const bankOrders: BankOrder[] = orders.filter((order) => order.sent_at).map((order, index) => ({
  id: order.id, number: order.number, kind: order.kind, case_number: order.case_number, authority: "centre-43", account: order.account, account_name: order.account_name, amount: order.amount, received_at: order.sent_at!, code: order.answer_code ?? "done", hold_id: holds[index]?.id ?? null, level: order.level,
  check_amount: order.check_amount, check_at: order.check_at, check_reference: order.check_reference, unit: "湖南省反诈中心（示范）", approver: "王复核", legal_basis: "银发〔2016〕86号", reason: order.reason, until: order.until, papers: order.papers, answer: order.answer ?? null, sealed_header: order.sealed_header, sealed_payload: order.sealed_payload, sealed_sha256: order.sealed_sha256,
}));
export const notices: Notice[] = [
  { id: newId(), number: "N261124-0003", kind: "victim_case", centre: "centre-43", account: maskedAccount(), hold_id: holds[2]?.id ?? null, made_at: iso(-40 * MINUTE), made_by: "guiyuan", answer: { words: { code: "notice.taken", zh: "已受理", en: "Taken" }, case_number: "R261124-0117" } },
  { id: newId(), number: "N261124-0002", kind: "suspect_account", centre: "centre-43", account: maskedAccount(), hold_id: null, made_at: iso(-5 * HOUR), made_by: "guiyuan", answer: null },
];
export const imports: ImportReport[] = [
  { id: newId(), source: "长沙市局110", file_name: "20261123-夜班.xlsx", sha256: hex(64), state: "done", rows_total: 46, rows_refused: 2, reports_new: 38, reports_joined: 3, reports_known: 0, started_at: iso(-9 * HOUR), finished_at: iso(-9 * HOUR + 4000), refused: [
    { row: 12, faults: [{ column: "收款卡号", field: "payments[0].payee_account", code: "account_no.length", zh: "账号应为 5 至 34 位字母或数字", en: "an account number has 5 to 34 letters or digits", zh_remedy: "请核对原件", en_remedy: "check the original" }] },
    { row: 31, faults: [{ column: "手机", field: "victim.phone", code: "msisdn.length", zh: "手机号应为 11 位", en: "a mobile number has 11 digits", zh_remedy: "请核对后补登", en_remedy: "check and enter it again" }] },
  ] },
];
