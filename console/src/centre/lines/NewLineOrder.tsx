/** A request about a line made by hand: one order leaves for each operator asked. */
import { App, Button, Checkbox, Input, InputNumber, Select } from "antd";
import { useEffect, useState } from "react";
import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearchParams } from "react-router";
import { get, newIdempotencyKey, post, Problem } from "../../api/client";
import type { LineOrder, LineOrdersMade, LineParameters, Page, ReportRow } from "../../api/types";
import { Field, FaultScope, focusFault, strayFaults, TimeInput } from "../../shell/form";
import { formatTime, instantOf } from "../../shell/format";
import { useT, useWord } from "../../shell/i18n";
import { useKeys } from "../../shell/keys";
import { usePartners } from "../../shell/partners";
import { ProblemAlert } from "../../shell/problem";
import { SHELL } from "../../shell/texts";
import { LINE_KINDS } from "../../words/line";
import { fieldsOf, MADE_BY_HAND } from "./model";
import { KIND_HINTS, LINES } from "./texts";

const HOURS: Record<string, number | null> = { hold_flagged_calls: 24, label_next_call: 24, protect_line: 720, suspend_line: null };

export function NewLineOrder() {
  const t = useT(LINES);
  const s = useT(SHELL);
  const word = useWord();
  const go = useNavigate();
  const client = useQueryClient();
  const { message } = App.useApp();
  const [params] = useSearchParams();
  const { operators } = usePartners();
  const [form, setForm] = useState({
    kind: params.get("kind") ?? "hold_flagged_calls", case_id: params.get("case") ?? "", line: params.get("line") ?? "", partners: [] as string[], counterpart: "", from: "", to: "",
    hours: HOURS[params.get("kind") ?? "hold_flagged_calls"] ?? null, foreign: false, label: "", warning: "", warningEn: "", reason: "",
  });
  const [key, setKey] = useState(newIdempotencyKey);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const [caseSearch, setCaseSearch] = useState("");
  const from = params.get("from");
  const earlier = useQuery({ queryKey: ["line-orders", from], queryFn: () => get<LineOrder>(`/line-orders/${from}`), enabled: Boolean(from) }).data;
  const fixed = useQuery({ queryKey: ["line-parameters"], queryFn: () => get<LineParameters>("/line-parameters"), staleTime: Number.POSITIVE_INFINITY }).data;
  const cases = useQuery({ queryKey: ["reports", { pick: caseSearch }], queryFn: async () => (await get<Page<ReportRow>>("/reports", { state: "submitted", q: caseSearch, limit: 20 })).items, placeholderData: keepPreviousData }).data ?? [];
  useEffect(() => {
    if (!earlier) return;
    const { period } = earlier;
    setForm((old) => ({ ...old, case_id: earlier.case_id, ...(period ? { from: formatTime(period.from), to: formatTime(period.to) } : {}) }));
  }, [earlier]);
  const faults = error instanceof Problem ? error.faults : [];
  const set = (part: Partial<typeof form>) => setForm((old) => ({ ...old, ...part }));
  const has = fieldsOf(form.kind);
  const hoursMax = fixed && (form.kind === "protect_line" ? fixed.protect_days_max * 24 : form.kind === "suspend_line" ? undefined : fixed.urgent_hours_max);

  async function takeNumber() {
    if (!earlier) return;
    setError(null);
    try {
      const { value } = await post<{ value: string }>("/reveal", { subject: `line:${earlier.id}`, field: "line", purpose: t("takePurpose", { number: earlier.number }) });
      set({ line: value });
    } catch (problem) {
      setError(problem);
    }
  }

  async function submit() {
    if (busy) return;
    setBusy(true);
    setError(null);
    try {
      const made = await post<LineOrdersMade>("/line-orders", {
        kind: form.kind, case_id: form.case_id, line: form.line.trim(), partners: form.partners, reason: form.reason.trim(),
        ...(has.counterpart && form.counterpart.trim() ? { counterpart: form.counterpart.trim() } : {}),
        ...(has.period && (form.from || form.to) ? { period: { from: instantOf(form.from), to: instantOf(form.to) } } : {}),
        ...(has.hours && form.hours ? { hours: form.hours } : {}),
        ...(has.foreign ? { include_foreign: form.foreign } : {}),
        ...(has.label && form.label.trim() ? { label: form.label.trim() } : {}),
        ...(has.warning && form.warning.trim() ? { warning_text: form.warning.trim() } : {}),
        ...(has.warning && form.warningEn.trim() ? { warning_text_en: form.warningEn.trim() } : {}),
      }, key);
      void message.success(t("madeNew", { number: made.orders.map((one) => one.number).join(" · ") }));
      await client.invalidateQueries({ queryKey: ["line-orders"] });
      void go(`/lines/${made.id}`);
    } catch (problem) {
      setKey(newIdempotencyKey());
      setError(problem);
      if (problem instanceof Problem) setTimeout(() => focusFault(problem.faults), 30);
    } finally {
      setBusy(false);
    }
  }
  useKeys({ "Ctrl-Enter": () => void submit(), Escape: () => void go("/lines") });

  const caseChoices = [
    ...(earlier && !cases.some((one) => one.id === earlier.case_id) ? [{ value: earlier.case_id, label: earlier.case_number }] : []),
    ...cases.map((one) => ({ value: one.id, label: `${one.number} ${one.victim_name}` })),
  ];
  return (
    <FaultScope faults={faults}>
      <div className="detail-head"><h2>{t("formTitle")}</h2></div>
      <div className="detail-body">
        <ProblemAlert error={error} faults={strayFaults(faults)} />
        {earlier && <div className="note"><strong>{t("fromOrder", { number: earlier.number })}</strong> <Button size="small" onClick={() => void takeNumber()}>{t("takeNumber")}</Button></div>}
        <div className="card"><div className="body form-grid">
          <Field className="s4" must label={t("formKind")} path="kind" hint={word(KIND_HINTS, form.kind)}>{({ id, status }) => <Select id={id} status={status} value={form.kind} onChange={(kind) => set({ kind, hours: HOURS[kind] ?? null })} options={MADE_BY_HAND.map((value) => ({ value, label: word(LINE_KINDS, value) }))} />}</Field>
          <Field className="s4" must label={t("formCase")} path="case_id">{({ id, status }) => <Select id={id} status={status} placeholder={t("formCasePick")} showSearch={{ filterOption: false, onSearch: setCaseSearch }} value={form.case_id || undefined} onChange={(case_id) => set({ case_id })} options={caseChoices} />}</Field>
          <Field className="s4" label={t("formOperators")} path="partners" hint={t("formOperatorsHint")}>{({ id, status }) => <Select id={id} status={status} mode="multiple" value={form.partners} onChange={(partners) => set({ partners })} options={operators.map((one) => ({ value: one.id, label: one.name }))} />}</Field>
          <Field className="s4" must label={has.period ? t("involved") : t("line")} path="line">{({ id, status }) => <Input id={id} status={status} value={form.line} maxLength={32} inputMode="tel" onChange={(event) => set({ line: event.target.value })} />}</Field>
          {has.counterpart && <Field className="s4" label={t("counterpart")} path="counterpart" hint={form.kind === "label_next_call" ? t("formCallerHint") : t("formCounterpartHint")}>{({ id, status }) => <Input id={id} status={status} value={form.counterpart} maxLength={32} inputMode="tel" onChange={(event) => set({ counterpart: event.target.value })} />}</Field>}
          {has.hours && <Field className="s4" must={has.hours === "must"} label={t("formHours")} path="until" hint={has.hours === "optional" ? t("formHoursOpen") : hoursMax ? t("formHoursHint", { n: hoursMax }) : undefined}>{({ id, status }) => <InputNumber id={id} status={status} min={1} max={hoursMax} value={form.hours} onChange={(hours) => set({ hours })} />}</Field>}
          {has.period && <Field className="s4" label={t("formFrom")} path="period.from" hint={fixed && t("formPeriodHint", { n: fixed.period_days })}>{({ id, status }) => <TimeInput id={id} status={status} value={form.from} onChange={(text) => set({ from: text })} />}</Field>}
          {has.period && <Field className="s4" label={t("formTo")} path="period.to">{({ id, status }) => <TimeInput id={id} status={status} value={form.to} onChange={(text) => set({ to: text })} />}</Field>}
          {has.foreign && <div className="s12"><Checkbox checked={form.foreign} onChange={(event) => set({ foreign: event.target.checked })}>{t("formForeign")}</Checkbox></div>}
          {has.label && <Field className="s8" label={t("labelShown")} path="label" hint={t("formLabelHint")}>{({ id, status }) => <Input id={id} status={status} value={form.label} maxLength={40} onChange={(event) => set({ label: event.target.value })} />}</Field>}
          {has.warning && <Field label={t("warningText")} path="warning_text" hint={t("formWarningHint")}>{({ id, status }) => <Input.TextArea id={id} status={status} autoSize={{ minRows: 2, maxRows: 5 }} maxLength={268} value={form.warning} onChange={(event) => set({ warning: event.target.value })} />}</Field>}
          {has.warning && <Field label={t("warningTextEn")} path="warning_text_en" hint={t("formWarningEnHint")}>{({ id, status }) => <Input.TextArea id={id} status={status} autoSize={{ minRows: 2, maxRows: 5 }} maxLength={268} value={form.warningEn} onChange={(event) => set({ warningEn: event.target.value })} />}</Field>}
          <Field must label={t("reason")} path="reason">{({ id, status }) => <Input.TextArea id={id} status={status} autoSize={{ minRows: 2, maxRows: 5 }} maxLength={2000} value={form.reason} onChange={(event) => set({ reason: event.target.value })} />}</Field>
        </div></div>
      </div>
      <div className="detail-foot"><div className="acts">
        <Button type="primary" loading={busy} onClick={() => void submit()}>{t("formSubmit")} <kbd aria-hidden="true">Ctrl ↵</kbd></Button>
        <Button onClick={() => void go("/lines")}>{s("cancel")} <kbd aria-hidden="true">Esc</kbd></Button>
      </div></div>
    </FaultScope>
  );
}
