/** An order made by hand; it goes to review like any other. */
import { Button } from "antd";
import { useEffect } from "react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearchParams } from "react-router";
import { get, post } from "../../api/client";
import type { Money, Order, OrderMade } from "../../api/types";
import { AnswerChip } from "../../shell/AnswerView";
import { ChoiceField, CountField, FormPage, SumField, TextField, TimeField, useForm, WordsField } from "../../shell/FormPage";
import { formatMinor, formatTime, instantOf, parseMoney } from "../../shell/format";
import { useT, useWord } from "../../shell/i18n";
import { usePartners } from "../../shell/partners";
import { ORDER_KINDS } from "../../words/order";
import { CaseField } from "../CaseField";
import { APPROVAL_LEVELS, STOP } from "./texts";

/** Kinds that stand by themselves; the others follow an earlier order from its page. */
export const MADE_BY_HAND = ["stop", "freeze", "query_transactions", "query_holder", "query_accounts", "watch"] as const;

function lasts(kind: string): boolean {
  return kind === "freeze" || kind === "watch";
}

export function NewOrder() {
  const t = useT(STOP);
  const word = useWord();
  const levels = useT(APPROVAL_LEVELS);
  const go = useNavigate();
  const client = useQueryClient();
  const [params] = useSearchParams();
  const { banks } = usePartners();
  const form = useForm({
    initial: {
      kind: params.get("kind") ?? "stop", case_id: params.get("case") ?? "", partner: params.get("bank") ?? "", number: params.get("account") ?? "", name: "",
      check_amount: "", check_at: "", reference: "", limit: "", from: "", to: "", until: "", level: 1 as number | null, reason: "", approval: "county",
    },
    back: "/stop",
    send: async (values, key) => {
      const { kind } = values;
      const made = await post<OrderMade>("/orders", {
        kind, case_id: values.case_id, partner: values.partner, account: values.number.trim(), account_name: values.name.trim() || null,
        level: values.level ?? 1, reason: values.reason.trim(),
        ...(kind === "stop" || values.check_amount || values.check_at ? { check: { amount: parseMoney(values.check_amount), at: instantOf(values.check_at), reference: values.reference.trim() || null } } : {}),
        ...(values.limit ? { amount: parseMoney(values.limit) } : {}),
        ...(kind === "query_transactions" ? { period: { from: instantOf(values.from), to: instantOf(values.to) } } : {}),
        ...(lasts(kind) && values.until ? { until: instantOf(values.until) } : {}),
        ...(kind === "freeze" ? { approval_level: values.approval } : {}),
      }, key);
      await client.invalidateQueries({ queryKey: ["orders"] });
      void go(`/stop/${made.id}`);
    },
  });
  const { set, fail, values: { kind } } = form;
  const from = params.get("from");
  const earlier = useQuery({ queryKey: ["orders", from], queryFn: () => get<Order>(`/orders/${from}`), enabled: Boolean(from) }).data;
  useEffect(() => {
    if (!earlier) return;
    const text = (sum: Money | null | undefined) => (sum ? formatMinor(sum.minor, sum.currency) : "");
    set({
      kind: earlier.kind, case_id: earlier.case_id, partner: earlier.partner, level: earlier.level,
      check_amount: text(earlier.check_amount), check_at: earlier.check_at ? formatTime(earlier.check_at, "full") : "", reference: earlier.check_reference ?? "", limit: text(earlier.amount),
    });
    // oxlint-disable-next-line react/exhaustive-deps -- the earlier order is taken over once, when it is there
  }, [earlier]);

  async function takeOver() {
    if (!earlier) return;
    fail(null);
    const reveal = (field: string) => post<{ value: string }>("/reveal", { subject: `order:${earlier.id}`, field, purpose: t("againPurpose", { number: earlier.number }) });
    try {
      const number = await reveal("account");
      const name = earlier.account_name ? await reveal("account_name") : { value: "" };
      set({ number: number.value, name: name.value });
    } catch (problem) {
      fail(problem);
    }
  }

  const needsCheck = kind === "stop";
  return (
    <FormPage form={form} title={t("formTitle")} confirm={t("formSubmit")}>
      {earlier && (
        <div className="note"><strong>{t("againOf", { number: earlier.number })}</strong> {earlier.answer_code && <AnswerChip code={earlier.answer_code} />} {t("againHint")} <Button size="small" onClick={() => void takeOver()}>{t("againTake")}</Button></div>
      )}
      <div className="card"><div className="body form-grid">
        <ChoiceField form={form} name="kind" className="s4" must label={t("formKind")} options={MADE_BY_HAND.map((value) => ({ value, label: word(ORDER_KINDS, value) }))} />
        <CaseField form={form} className="s5" label={t("formCase")} placeholder={t("formCasePick")} also={earlier} />
        <CountField form={form} name="level" className="s3" must label={t("level")} max={50} />
        <ChoiceField form={form} name="partner" className="s4" must find label={t("bank")} options={banks.map((bank) => ({ value: bank.id, label: bank.name }))} />
        <TextField form={form} name="number" path="account" className="s5" must label={t("accountNo")} max={48} />
        <TextField form={form} name="name" path="account_name" className="s3" label={t("accountName")} max={64} />
        <div className="s12 strong">{t("formCheckPart")}</div>
        <SumField form={form} name="check_amount" path="check.amount" className="s4" must={needsCheck} label={t("transferAmount")} />
        <TimeField form={form} name="check_at" path="check.at" className="s4" must={needsCheck} label={t("transferTime")} />
        <TextField form={form} name="reference" path="check.reference" className="s4" label={t("formReference")} max={64} />
        {!kind.startsWith("query_") && kind !== "watch" && <SumField form={form} name="limit" path="amount" className="s4" label={t("formAmountLimit")} hint={t("amountEmptyWhole")} />}
        {kind === "query_transactions" && <TimeField form={form} name="from" path="period.from" className="s4" must label={t("from")} />}
        {kind === "query_transactions" && <TimeField form={form} name="to" path="period.to" className="s4" must label={t("to")} />}
        {lasts(kind) && <TimeField form={form} name="until" className="s4" must label={kind === "watch" ? t("watchUntil") : t("untilAsked")} />}
        {kind === "freeze" && <ChoiceField form={form} name="approval" path="approval_level" className="s4" must label={t("approvalLevel")} options={(["county", "prefecture", "province"] as const).map((value) => ({ value, label: levels(value) }))} />}
        <WordsField form={form} name="reason" must label={t("reason")} max={500} />
      </div></div>
    </FormPage>
  );
}
