/** An order made by hand; it goes to review like any other. */
import { Input, InputNumber, Select, Button } from "antd";
import { useEffect, useState } from "react";
import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearchParams } from "react-router";
import { get, newIdempotencyKey, post, Problem } from "../../api/client";
import type { Money, Order, OrderMade, Page, ReportRow } from "../../api/types";
import { Field, FaultScope, focusFault, strayFaults, TimeInput } from "../../shell/form";
import { AnswerChip } from "../../shell/AnswerView";
import { formatMinor, formatMoney, formatTime, instantOf, parseMoney } from "../../shell/format";
import { useT, useWord } from "../../shell/i18n";
import { useKeys } from "../../shell/keys";
import { usePartners } from "../../shell/partners";
import { ProblemAlert } from "../../shell/problem";
import { SHELL } from "../../shell/texts";
import { ORDER_KINDS } from "../../words/order";
import { APPROVAL_LEVELS, STOP } from "./texts";

/** Kinds that stand by themselves; the others follow an earlier order from its page. */
export const MADE_BY_HAND = ["stop", "freeze", "query_transactions", "query_holder", "query_accounts", "watch"] as const;

export function NewOrder() {
  const t = useT(STOP);
  const s = useT(SHELL);
  const word = useWord();
  const go = useNavigate();
  const client = useQueryClient();
  const [params] = useSearchParams();
  const { banks } = usePartners();
  const [form, setForm] = useState({
    kind: params.get("kind") ?? "stop", case_id: params.get("case") ?? "", partner: params.get("bank") ?? "", number: params.get("account") ?? "", name: "",
    check_amount: "", check_at: "", reference: "", limit: "", from: "", to: "", until: "", level: 1, reason: "", approval: "county",
  });
  const from = params.get("from");
  const earlier = useQuery({ queryKey: ["orders", from], queryFn: () => get<Order>(`/orders/${from}`), enabled: Boolean(from) }).data;
  useEffect(() => {
    if (!earlier) return;
    const text = (sum: Money | null | undefined) => (sum ? formatMinor(sum.minor, sum.currency) : "");
    setForm((old) => ({
      ...old, kind: earlier.kind, case_id: earlier.case_id, partner: earlier.partner, level: earlier.level,
      check_amount: text(earlier.check_amount), check_at: earlier.check_at ? formatTime(earlier.check_at, "full") : "", reference: earlier.check_reference ?? "", limit: text(earlier.amount),
    }));
  }, [earlier]);
  const [key, setKey] = useState(newIdempotencyKey);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const [caseSearch, setCaseSearch] = useState("");
  const cases = useQuery({ queryKey: ["reports", { pick: caseSearch }], queryFn: async () => (await get<Page<ReportRow>>("/reports", { state: "submitted", q: caseSearch, limit: 20 })).items, placeholderData: keepPreviousData }).data ?? [];
  const levels = useT(APPROVAL_LEVELS);
  const faults = error instanceof Problem ? error.faults : [];
  const set = (part: Partial<typeof form>) => setForm((old) => ({ ...old, ...part }));
  const check = parseMoney(form.check_amount);
  const needsCheck = form.kind === "stop";
  const lasting = form.kind === "freeze" || form.kind === "watch";

  async function takeOver() {
    if (!earlier) return;
    setError(null);
    const reveal = (field: string) => post<{ value: string }>("/reveal", { subject: `order:${earlier.id}`, field, purpose: t("againPurpose", { number: earlier.number }) });
    try {
      const number = await reveal("account");
      const name = earlier.account_name ? await reveal("account_name") : { value: "" };
      set({ number: number.value, name: name.value });
    } catch (problem) {
      setError(problem);
    }
  }

  async function submit() {
    setBusy(true);
    setError(null);
    try {
      const made = await post<OrderMade>("/orders", {
        kind: form.kind, case_id: form.case_id, partner: form.partner, account: form.number.trim(), account_name: form.name.trim() || null,
        level: form.level, reason: form.reason.trim(),
        ...(form.check_amount || form.check_at ? { check: { amount: check, at: instantOf(form.check_at), reference: form.reference.trim() || null } } : {}),
        ...(form.limit ? { amount: parseMoney(form.limit) } : {}),
        ...(form.kind === "query_transactions" ? { period: { from: instantOf(form.from), to: instantOf(form.to) } } : {}),
        ...(lasting && form.until ? { until: instantOf(form.until) } : {}),
        ...(form.kind === "freeze" ? { approval_level: form.approval } : {}),
      }, key);
      await client.invalidateQueries({ queryKey: ["orders"] });
      void go(`/stop/${made.id}`);
    } catch (problem) {
      setKey(newIdempotencyKey());
      setError(problem);
      if (problem instanceof Problem) setTimeout(() => focusFault(problem.faults), 30);
    } finally {
      setBusy(false);
    }
  }
  useKeys({ "Ctrl-Enter": () => void submit(), Escape: () => void go("/stop") });

  return (
    <FaultScope faults={faults}>
      <div className="detail-head"><h2>{t("formTitle")}</h2></div>
      <div className="detail-body">
        <ProblemAlert error={error} faults={strayFaults(faults)} />
        {earlier && (
          <div className="note"><strong>{t("againOf", { number: earlier.number })}</strong> {earlier.answer_code && <AnswerChip code={earlier.answer_code} />} {t("againHint")} <Button size="small" onClick={() => void takeOver()}>{t("againTake")}</Button></div>
        )}
        <div className="card"><div className="body form-grid">
          <Field className="s4" must label={t("formKind")} path="kind">{({ id, status }) => <Select id={id} status={status} value={form.kind} onChange={(kind) => set({ kind })} options={MADE_BY_HAND.map((value) => ({ value, label: word(ORDER_KINDS, value) }))} />}</Field>
          <Field className="s5" must label={t("formCase")} path="case_id">{({ id, status }) => <Select id={id} status={status} placeholder={t("formCasePick")} showSearch={{ filterOption: false, onSearch: setCaseSearch }} value={form.case_id || undefined} onChange={(case_id) => set({ case_id })} options={[...(earlier && !cases.some((one) => one.id === earlier.case_id) ? [{ value: earlier.case_id, label: earlier.case_number }] : []), ...cases.map((one) => ({ value: one.id, label: `${one.number} ${one.victim_name}` }))]} />}</Field>
          <Field className="s3" must label={t("level")} path="level">{({ id, status }) => <InputNumber id={id} status={status} min={1} max={50} value={form.level} onChange={(level) => set({ level: level ?? 1 })} />}</Field>
          <Field className="s4" must label={t("bank")} path="partner">{({ id, status }) => <Select id={id} status={status} showSearch={{ optionFilterProp: "label" }} value={form.partner || undefined} onChange={(partner) => set({ partner })} options={banks.map((bank) => ({ value: bank.id, label: bank.name }))} />}</Field>
          <Field className="s5" must label={t("accountNo")} path="account">{({ id, status }) => <Input id={id} status={status} value={form.number} maxLength={48} onChange={(event) => set({ number: event.target.value })} />}</Field>
          <Field className="s3" label={t("accountName")} path="account_name">{({ id, status }) => <Input id={id} status={status} value={form.name} maxLength={64} onChange={(event) => set({ name: event.target.value })} />}</Field>
          <div className="s12 strong">{t("formCheckPart")}</div>
          <Field className="s4" must={needsCheck} label={t("transferAmount")} path="check.amount" hint={check && <>= {formatMoney(check)}</>}>{({ id, status }) => <Input id={id} status={status} inputMode="decimal" value={form.check_amount} onChange={(event) => set({ check_amount: event.target.value })} />}</Field>
          <Field className="s4" must={needsCheck} label={t("transferTime")} path="check.at">{({ id, status }) => <TimeInput id={id} status={status} value={form.check_at} onChange={(text) => set({ check_at: text })} />}</Field>
          <Field className="s4" label={t("formReference")} path="check.reference">{({ id, status }) => <Input id={id} status={status} value={form.reference} maxLength={64} onChange={(event) => set({ reference: event.target.value })} />}</Field>
          {!form.kind.startsWith("query_") && form.kind !== "watch" && <Field className="s4" label={t("formAmountLimit")} path="amount" hint={t("amountEmptyWhole")}>{({ id, status }) => <Input id={id} status={status} inputMode="decimal" value={form.limit} onChange={(event) => set({ limit: event.target.value })} />}</Field>}
          {form.kind === "query_transactions" && <Field className="s4" must label={t("from")} path="period.from">{({ id, status }) => <TimeInput id={id} status={status} value={form.from} onChange={(text) => set({ from: text })} />}</Field>}
          {form.kind === "query_transactions" && <Field className="s4" must label={t("to")} path="period.to">{({ id, status }) => <TimeInput id={id} status={status} value={form.to} onChange={(text) => set({ to: text })} />}</Field>}
          {lasting && <Field className="s4" must label={form.kind === "watch" ? t("watchUntil") : t("untilAsked")} path="until">{({ id, status }) => <TimeInput id={id} status={status} value={form.until} onChange={(text) => set({ until: text })} />}</Field>}
          {form.kind === "freeze" && <Field className="s4" must label={t("approvalLevel")} path="approval_level">{({ id, status }) => <Select id={id} status={status} value={form.approval} onChange={(approval) => set({ approval })} options={(["county", "prefecture", "province"] as const).map((value) => ({ value, label: levels(value) }))} />}</Field>}
          <Field className="s12" must label={t("reason")} path="reason">{({ id, status }) => <Input.TextArea id={id} status={status} autoSize={{ minRows: 2, maxRows: 5 }} maxLength={500} value={form.reason} onChange={(event) => set({ reason: event.target.value })} />}</Field>
        </div></div>
      </div>
      <div className="detail-foot"><div className="acts">
        <Button type="primary" loading={busy} onClick={() => void submit()}>{t("formSubmit")} <kbd aria-hidden="true">Ctrl ↵</kbd></Button>
        <Button onClick={() => void go("/stop")}>{s("cancel")} <kbd aria-hidden="true">Esc</kbd></Button>
      </div></div>
    </FaultScope>
  );
}
