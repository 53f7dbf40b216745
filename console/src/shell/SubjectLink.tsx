/** Wherever a report, an order, a case or an account is named, it is a link with the same card on hover. */
import { Popover } from "antd";
import { useState, type ReactNode } from "react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { get } from "../api/client";
import type { Chase, Hold, LineOrder, Order, Report, SeatKind } from "../api/types";
import { ANSWER_CODES, ORDER_KINDS, ORDER_STATES } from "../words/order";
import { LINE_KINDS, LINE_STATES } from "../words/line";
import { REPORT_STATES } from "../words/report";
import { texts, useT, useWord } from "./i18n";
import { AccountText, MoneyText, PhoneText, TimeText } from "./pieces";
import { usePartners } from "./partners";
import { useSession } from "./session";
import { Loading } from "./views";

const CARD = texts({
  report: { zh: "警情", en: "Report" },
  order: { zh: "指令", en: "Order" },
  case: { zh: "案件", en: "Case" },
  hold: { zh: "止付/冻结", en: "Hold" },
  account: { zh: "账户", en: "Account" },
  state: { zh: "状态", en: "State" },
  kind: { zh: "类型", en: "Kind" },
  bank: { zh: "银行", en: "Bank" },
  amount: { zh: "金额", en: "Amount" },
  answer: { zh: "反馈", en: "Answer" },
  until: { zh: "到期", en: "Until" },
  victim: { zh: "报案人", en: "Victim" },
  submitted: { zh: "提交", en: "Submitted" },
  lost: { zh: "涉案", en: "Lost" },
  stopped: { zh: "已止付", en: "Stopped" },
  moving: { zh: "流转中", en: "Moving" },
  line: { zh: "线路指令", en: "Line order" },
  number: { zh: "号码", en: "Number" },
  entry: { zh: "名单条目", en: "Entry" },
  appeal: { zh: "申诉", en: "Appeal" },
  rule: { zh: "规则", en: "Rule" },
  operator: { zh: "运营商", en: "Operator" },
  gone: { zh: "未能取得，打开查看", en: "Not available; open it to see" },
});

export type SubjectKind = "report" | "order" | "case" | "hold" | "account" | "line" | "number" | "entry" | "appeal" | "rule";

/** Where each seat shows what; what is not here has no page of its own there. */
const PATHS: Record<SeatKind, Partial<Record<SubjectKind, string>>> = {
  centre: { report: "/intake/", order: "/stop/", case: "/chase/", line: "/lines/", number: "/numbers/" },
  bank: { order: "/orders/", hold: "/holds/", account: "/accounts/" },
  operator: { line: "/lines/", entry: "/list/", appeal: "/appeals/", rule: "/rules/" },
};

export function pathOf(seat: SeatKind | undefined, kind: SubjectKind, id: string): string | null {
  const folder = seat && PATHS[seat][kind];
  return folder ? `${folder}${encodeURIComponent(id)}` : null;
}

/** Words of journal subjects that mean one of ours. */
const ALIASES: Record<string, SubjectKind> = { chase: "case", line_order: "line" };
const KNOWN: readonly string[] = ["report", "order", "case", "hold", "account", "line", "number", "entry", "appeal", "rule"] satisfies SubjectKind[];

/** `order:0191…` → kind and id, where the console knows the kind. */
export function subjectOf(subject: string): { kind: SubjectKind; id: string } | null {
  const at = subject.indexOf(":");
  if (at <= 0) return null;
  const word = subject.slice(0, at);
  const kind = ALIASES[word] ?? (KNOWN.includes(word) ? (word as SubjectKind) : null);
  return kind && { kind, id: subject.slice(at + 1) };
}

function OrderCard({ id }: { id: string }) {
  const t = useT(CARD);
  const word = useWord();
  const { nameOf } = usePartners();
  const query = useQuery({ queryKey: ["orders", id], queryFn: () => get<Order>(`/orders/${id}`), staleTime: 10_000 });
  if (!query.data) return query.isError ? <>{t("gone")}</> : <Loading lines={3} />;
  const order = query.data;
  return (
    <dl>
      <dt>{t("kind")}</dt><dd>{word(ORDER_KINDS, order.kind)}</dd>
      <dt>{t("state")}</dt><dd>{word(ORDER_STATES, order.state)}</dd>
      <dt>{t("account")}</dt><dd><AccountText value={order.account} /> {order.account_name}</dd>
      {order.partner_name && <><dt>{t("bank")}</dt><dd>{nameOf(order.partner, order.partner_name)}</dd></>}
      {order.amount && <><dt>{t("amount")}</dt><dd><MoneyText money={order.amount} /></dd></>}
      {order.answer_code && <><dt>{t("answer")}</dt><dd>{word(ANSWER_CODES, order.answer_code)}</dd></>}
      {order.hold_until && <><dt>{t("until")}</dt><dd><TimeText at={order.hold_until} /></dd></>}
    </dl>
  );
}

function ReportCard({ id }: { id: string }) {
  const t = useT(CARD);
  const word = useWord();
  const query = useQuery({ queryKey: ["reports", id], queryFn: () => get<Report>(`/reports/${id}`), staleTime: 10_000 });
  if (!query.data) return query.isError ? <>{t("gone")}</> : <Loading lines={3} />;
  return (
    <dl>
      <dt>{t("state")}</dt><dd>{word(REPORT_STATES, query.data.state)}</dd>
      <dt>{t("victim")}</dt><dd>{query.data.victim.name}</dd>
      <dt>{t("submitted")}</dt><dd><TimeText at={query.data.submitted_at} /></dd>
    </dl>
  );
}

function CaseCard({ id }: { id: string }) {
  const t = useT(CARD);
  const query = useQuery({ queryKey: ["chases", id], queryFn: () => get<Chase>(`/chases/${encodeURIComponent(id)}`), staleTime: 10_000 });
  if (!query.data) return query.isError ? <>{t("gone")}</> : <Loading lines={3} />;
  const chase = query.data;
  return (
    <dl>
      <dt>{t("lost")}</dt><dd><MoneyText money={chase.reported} /></dd>
      <dt>{t("stopped")}</dt><dd><MoneyText money={chase.stopped} /></dd>
      <dt>{t("moving")}</dt><dd><MoneyText money={chase.open} /></dd>
    </dl>
  );
}

function HoldCard({ id }: { id: string }) {
  const t = useT(CARD);
  const query = useQuery({ queryKey: ["holds", id], queryFn: () => get<Hold>(`/holds/${id}`), staleTime: 10_000 });
  if (!query.data) return query.isError ? <>{t("gone")}</> : <Loading lines={3} />;
  return (
    <dl>
      <dt>{t("account")}</dt><dd><AccountText value={query.data.account} /></dd>
      <dt>{t("amount")}</dt><dd><MoneyText money={query.data.held} /></dd>
      <dt>{t("until")}</dt><dd><TimeText at={query.data.until} /></dd>
    </dl>
  );
}

function LineCard({ id }: { id: string }) {
  const t = useT(CARD);
  const word = useWord();
  const { nameOf } = usePartners();
  const query = useQuery({ queryKey: ["line-orders", id], queryFn: () => get<LineOrder>(`/line-orders/${id}`), staleTime: 10_000 });
  if (!query.data) return query.isError ? <>{t("gone")}</> : <Loading lines={3} />;
  const order = query.data;
  return (
    <dl>
      <dt>{t("kind")}</dt><dd>{word(LINE_KINDS, order.kind)}</dd>
      <dt>{t("state")}</dt><dd>{word(LINE_STATES, order.state)}</dd>
      <dt>{t("number")}</dt><dd><PhoneText value={order.line} /></dd>
      <dt>{t("operator")}</dt><dd>{nameOf(order.partner, order.partner_name)}</dd>
      {order.ends_at && <><dt>{t("until")}</dt><dd><TimeText at={order.ends_at} /></dd></>}
    </dl>
  );
}

export function SubjectLink({ kind, id, children }: { kind: SubjectKind; id: string; children: ReactNode }) {
  const { seat } = useSession();
  const t = useT(CARD);
  const [seen, setSeen] = useState(false);
  const card =
    kind === "order" ? <OrderCard id={id} /> :
    kind === "report" ? <ReportCard id={id} /> :
    kind === "case" ? <CaseCard id={id} /> :
    kind === "hold" ? <HoldCard id={id} /> :
    kind === "line" && seat?.seat === "centre" ? <LineCard id={id} /> : null;
  const path = pathOf(seat?.seat, kind, id);
  if (!path) return <>{children}</>;
  const link = <Link to={path} className="nowrap" onClick={(event) => event.stopPropagation()}>{children}</Link>;
  if (!card) return link;
  return (
    <Popover
      mouseEnterDelay={0.35}
      onOpenChange={(open) => open && setSeen(true)}
      content={<div className="hover"><h4>{t(kind)} {children}</h4>{seen && card}</div>}
    >
      {link}
    </Popover>
  );
}
