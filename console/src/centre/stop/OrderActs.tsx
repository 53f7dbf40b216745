/** The acts on an order: what the seat allows now, each with its small form. */
import { Checkbox, Input, Select } from "antd";
import { App } from "antd";
import { useState, type ReactNode } from "react";
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "react-router";
import { post } from "../../api/client";
import type { Order, OrderAct, OrderMade } from "../../api/types";
import { ActBar, ReasonForm, type Act } from "../../shell/ActBar";
import { Field, timeFieldOf, TimeInput } from "../../shell/form";
import { formatMinor, instantOf, parseMoney } from "../../shell/format";
import { useT } from "../../shell/i18n";
import { useSession } from "../../shell/session";
import { serverNow } from "../../shell/time";
import { ORDER_KINDS } from "../../words/order";
import { MADE_BY_HAND } from "./NewOrder";
import { APPROVAL_LEVELS, STOP } from "./texts";

const DAY_MS = 86_400_000;

function monthsFromNow(months: number): string {
  const end = new Date(serverNow());
  end.setUTCMonth(end.getUTCMonth() + months);
  return end.toISOString();
}

interface PanelProps {
  order: Order;
  act: OrderAct;
  title: string;
  confirm: string;
  hint?: string;
  danger?: boolean;
  reason?: "must" | "optional" | "none";
  suggestions?: string[];
  children?: ReactNode;
  body?: () => Record<string, unknown>;
  leave: () => void;
}

/** Posts the act; an act that makes a new order shows the new one. */
function ActPanel({ order, act, body, leave, ...form }: PanelProps) {
  const t = useT(STOP);
  const go = useNavigate();
  const client = useQueryClient();
  const { message } = App.useApp();
  return (
    <ReasonForm
      {...form}
      leave={leave}
      submit={async (reason, key) => {
        const answer = isDecision(act)
          ? await post<OrderMade>(`/orders/${order.id}/${act}`, act === "approve" ? {} : { reason }, key)
          : await post<OrderMade>(`/orders/${order.id}/follow`, { act, reason, ...body?.() }, key);
        if (answer.id !== order.id) {
          void message.success(t("madeNew", { number: answer.number }));
          void go(`/stop/${answer.id}`);
        } else {
          void message.success(t("acted", { act: form.title, number: order.number }));
        }
      }}
      onDone={() => {
        void client.invalidateQueries({ queryKey: ["orders"] });
        void client.invalidateQueries({ queryKey: ["desk-counts"] });
      }}
    />
  );
}

/** Decisions about the order itself; every other act makes a further order. */
function isDecision(act: OrderAct): act is "approve" | "refuse" | "cancel" {
  return act === "approve" || act === "refuse" || act === "cancel";
}

function FreezePanel({ order, act, leave }: { order: Order; act: "freeze" | "renew"; leave: () => void }) {
  const t = useT(STOP);
  const levels = useT(APPROVAL_LEVELS);
  const known = order.held ?? order.amount ?? order.check_amount;
  const currency = known?.currency ?? "CNY";
  const [amount, setAmount] = useState(known ? formatMinor(known.minor, currency) : "");
  const [whole, setWhole] = useState(!known);
  const [months, setMonths] = useState(6);
  const [level, setLevel] = useState("county");
  const [interest, setInterest] = useState(order.include_interest);
  return (
    <ActPanel
      order={order} act={act} leave={leave} title={act === "freeze" ? t("freeze") : t("renew")} hint={t("freezeHint")} confirm={t("formSubmit")}
      body={() => ({ ...(act === "freeze" ? (whole ? { whole_account: true } : { amount: parseMoney(amount, currency) }) : {}), until: monthsFromNow(months), approval_level: level, include_interest: interest })}
    >
      {act === "freeze" && <Field className="s3" label={t("amountToFreeze")} path="amount">{({ id, status }) => <Input id={id} status={status} disabled={whole} value={amount} inputMode="decimal" onChange={(event) => setAmount(event.target.value)} />}</Field>}
      <Field className="s4" must label={t("freezeEnd")} path="until">{({ id, status }) => <Select id={id} status={status} value={months} onChange={(value) => { setMonths(value); if (value === 12) setLevel("prefecture"); }} options={[{ value: 6, label: t("months6") }, { value: 12, label: t("year1") }]} />}</Field>
      <Field className="s5" must label={t("approvalLevel")} path="approval_level">{({ id, status }) => <Select id={id} status={status} value={level} onChange={setLevel} options={(["county", "prefecture", "province"] as const).map((value) => ({ value, label: levels(value) }))} />}</Field>
      <div className="s12 row-wrap">
        {act === "freeze" && <Checkbox checked={whole} onChange={(event) => setWhole(event.target.checked)}>{t("wholeToo")}</Checkbox>}
        <Checkbox checked={interest} onChange={(event) => setInterest(event.target.checked)}>{t("includeInterest")}</Checkbox>
      </div>
    </ActPanel>
  );
}

function QueryPanel({ order, leave }: { order: Order; leave: () => void }) {
  const t = useT(STOP);
  const kinds = useT(ORDER_KINDS);
  const offered = QUERIES.filter(([act]) => order.acts.includes(act));
  const [act, setAct] = useState<OrderAct>(offered[0]?.[0] ?? "query");
  const start = order.check_at ? Date.parse(order.check_at) - DAY_MS : serverNow() - 30 * DAY_MS;
  const [from, setFrom] = useState(timeFieldOf(start));
  const [to, setTo] = useState(timeFieldOf(serverNow()));
  return (
    <ActPanel order={order} act={act} leave={leave} title={t("query")} hint={t("makesOrder")} confirm={t("formSubmit")}
      body={() => (act === "query" ? { period: { from: instantOf(from), to: instantOf(to) } } : {})}>
      <Field className="s4" must label={t("queryWhat")} path="act">{({ id, status }) => <Select id={id} status={status} value={act} onChange={setAct} options={offered.map(([value, kind]) => ({ value, label: kinds(kind) }))} />}</Field>
      {act === "query" && <Field className="s4" must label={t("from")} path="period.from">{({ id, status }) => <TimeInput id={id} status={status} value={from} onChange={(text) => setFrom(text)} />}</Field>}
      {act === "query" && <Field className="s4" must label={t("to")} path="period.to">{({ id, status }) => <TimeInput id={id} status={status} value={to} onChange={(text) => setTo(text)} />}</Field>}
    </ActPanel>
  );
}

const QUERIES = [["query", "query_transactions"], ["query_holder", "query_holder"], ["query_accounts", "query_accounts"]] as const;

function WatchPanel({ order, leave }: { order: Order; leave: () => void }) {
  const t = useT(STOP);
  const [until, setUntil] = useState(timeFieldOf(serverNow() + 7 * DAY_MS));
  return (
    <ActPanel order={order} act="watch" leave={leave} title={t("watch")} hint={t("makesOrder")} confirm={t("formSubmit")} body={() => ({ until: instantOf(until) })}>
      <Field className="s4" must label={t("watchUntil")} path="until">{({ id, status }) => <TimeInput id={id} status={status} value={until} onChange={(text) => setUntil(text)} />}</Field>
    </ActPanel>
  );
}

export function OrderActs({ order, extra }: { order: Order; extra?: ReactNode }) {
  const t = useT(STOP);
  const go = useNavigate();
  const { may } = useSession();
  const table: Record<Exclude<OrderAct, "attach_paper" | "query_holder" | "query_accounts">, Act> = {
    approve: { key: "approve", label: t("approve"), hotkey: "a", tone: "primary", panel: (leave) => <ActPanel order={order} act="approve" leave={leave} title={t("approve")} hint={t("approveHint")} confirm={t("approve")} reason="none" /> },
    refuse: { key: "refuse", label: t("refuse"), hotkey: "r", tone: "danger", panel: (leave) => <ActPanel order={order} act="refuse" leave={leave} title={t("refuse")} confirm={t("refuse")} danger suggestions={[t("reasonUnclear"), t("reasonWrongAccount")]} /> },
    freeze: { key: "freeze", label: t("freeze"), hotkey: "f", tone: "primary", panel: (leave) => <FreezePanel order={order} act="freeze" leave={leave} /> },
    extend: { key: "extend", label: t("extend"), hotkey: "e", panel: (leave) => <ActPanel order={order} act="extend" leave={leave} title={t("extend")} hint={t("extendHint")} confirm={t("formSubmit")} /> },
    renew: { key: "renew", label: t("renew"), hotkey: "n", tone: "primary", panel: (leave) => <FreezePanel order={order} act="renew" leave={leave} /> },
    query: { key: "query", label: t("query"), hotkey: "q", panel: (leave) => <QueryPanel order={order} leave={leave} /> },
    watch: { key: "watch", label: t("watch"), hotkey: "w", panel: (leave) => <WatchPanel order={order} leave={leave} /> },
    end_watch: { key: "end_watch", label: t("endWatch"), hotkey: "w", panel: (leave) => <ActPanel order={order} act="end_watch" leave={leave} title={t("endWatch")} confirm={t("formSubmit")} /> },
    lift: { key: "lift", label: t("lift"), hotkey: "l", tone: "danger", panel: (leave) => <ActPanel order={order} act="lift" leave={leave} title={t("lift")} hint={t("makesOrder")} confirm={t("formSubmit")} danger suggestions={[t("reasonUnrelated")]} /> },
    cancel: { key: "cancel", label: t("cancelOrder"), hotkey: "x", panel: (leave) => <ActPanel order={order} act="cancel" leave={leave} title={t("cancelOrder")} confirm={t("cancelOrder")} /> },
  };
  const acts = (Object.keys(table) as (keyof typeof table)[]).filter((key) => order.acts.includes(key)).map((key) => table[key]);
  // What a bank did not carry out is put right and ordered again; the desk makes it as a new order.
  if (["rejected", "expired", "refused"].includes(order.state) && may("stop.make") && (MADE_BY_HAND as readonly string[]).includes(order.kind)) {
    acts.unshift({ key: "again", label: t("again"), hotkey: "n", tone: "primary", run: () => void go(`/stop/new?from=${order.id}`) });
  }
  // One primary act: the next sensible one.
  const primary = acts.findIndex((act) => act.tone === "primary");
  return <ActBar scope={order.id} extra={extra} acts={acts.map((act, index) => (act.tone === "primary" && index !== primary ? { ...act, tone: undefined } : act))} />;
}
