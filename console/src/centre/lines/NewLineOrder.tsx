/** A request about a line made by hand: one order leaves for each operator asked. */
import { App, Button, Checkbox, Select } from "antd";
import { useEffect } from "react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearchParams } from "react-router";
import { get, post } from "../../api/client";
import type { LineOrder, LineOrdersMade, LineParameters } from "../../api/types";
import { ChoiceField, CountField, FormPage, TextField, TimeField, useForm, WordsField } from "../../shell/FormPage";
import { Field, filled } from "../../shell/form";
import { formatTime, instantOf } from "../../shell/format";
import { useT, useWord } from "../../shell/i18n";
import { usePartners } from "../../shell/partners";
import { LINE_KINDS } from "../../words/line";
import { CaseField } from "../CaseField";
import { fieldsOf, MADE_BY_HAND } from "./model";
import { KIND_HINTS, LINES } from "./texts";

const HOURS: Record<string, number | null> = { hold_flagged_calls: 24, label_next_call: 24, protect_line: 720, suspend_line: null };

/** An end is written by the second; what happened within its last one belongs to the period. */
const SECOND_MS = 1_000;

export function NewLineOrder() {
  const t = useT(LINES);
  const word = useWord();
  const go = useNavigate();
  const client = useQueryClient();
  const { message } = App.useApp();
  const [params] = useSearchParams();
  const { operators } = usePartners();
  const kindAsked = params.get("kind") ?? "hold_flagged_calls";
  const form = useForm({
    initial: {
      kind: kindAsked, case_id: params.get("case") ?? "", line: params.get("line") ?? "", partners: [] as string[], counterpart: "", from: "", to: "",
      hours: HOURS[kindAsked] ?? null, foreign: false, label: "", warning: "", warningEn: "", reason: "",
    },
    back: "/lines",
    send: async (values, key) => {
      const needs = fieldsOf(values.kind);
      const made = await post<LineOrdersMade>("/line-orders", {
        kind: values.kind, case_id: values.case_id, line: values.line.trim(), partners: values.partners, reason: values.reason.trim(),
        ...filled({
          counterpart: needs.counterpart ? values.counterpart : "", label: needs.label ? values.label : "",
          warning_text: needs.warning ? values.warning : "", warning_text_en: needs.warning ? values.warningEn : "",
        }),
        ...(needs.period && (values.from || values.to) ? { period: { from: instantOf(values.from), to: instantOf(values.to) } } : {}),
        ...(needs.hours && values.hours ? { hours: values.hours } : {}),
        ...(needs.foreign ? { include_foreign: values.foreign } : {}),
      }, key);
      void message.success(t("madeNew", { number: made.orders.map((one) => one.number).join(" · ") }));
      await client.invalidateQueries({ queryKey: ["line-orders"] });
      void go(`/lines/${made.id}`);
    },
  });
  const { set, fail, values: { kind, partners, foreign } } = form;
  const from = params.get("from");
  const earlier = useQuery({ queryKey: ["line-orders", from], queryFn: () => get<LineOrder>(`/line-orders/${from}`), enabled: Boolean(from) }).data;
  const fixed = useQuery({ queryKey: ["line-parameters"], queryFn: () => get<LineParameters>("/line-parameters"), staleTime: Number.POSITIVE_INFINITY }).data;
  useEffect(() => {
    if (!earlier) return;
    const { period } = earlier;
    set({ case_id: earlier.case_id, ...(period ? { from: formatTime(period.from, "full"), to: formatTime(Date.parse(period.to) + SECOND_MS - 1, "full") } : {}) });
    // oxlint-disable-next-line react/exhaustive-deps -- the earlier order is taken over once, when it is there
  }, [earlier]);
  const has = fieldsOf(kind);
  const hoursMax = fixed && (kind === "protect_line" ? fixed.protect_days_max * 24 : kind === "suspend_line" ? undefined : fixed.urgent_hours_max);

  async function takeNumber() {
    if (!earlier) return;
    fail(null);
    try {
      const { value } = await post<{ value: string }>("/reveal", { subject: `line:${earlier.id}`, field: "line", purpose: t("takePurpose", { number: earlier.number }) });
      set({ line: value });
    } catch (problem) {
      fail(problem);
    }
  }

  return (
    <FormPage form={form} title={t("formTitle")} confirm={t("formSubmit")}>
      {earlier && <div className="note"><strong>{t("fromOrder", { number: earlier.number })}</strong> <Button size="small" onClick={() => void takeNumber()}>{t("takeNumber")}</Button></div>}
      <div className="card"><div className="body form-grid">
        <ChoiceField form={form} name="kind" className="s4" must label={t("formKind")} hint={word(KIND_HINTS, kind)} onPick={(picked) => ({ hours: HOURS[picked] ?? null })} options={MADE_BY_HAND.map((value) => ({ value, label: word(LINE_KINDS, value) }))} />
        <CaseField form={form} className="s4" label={t("formCase")} placeholder={t("formCasePick")} also={earlier} />
        <Field className="s4" label={t("formOperators")} path="partners" hint={t("formOperatorsHint")}>{({ id, status }) => <Select id={id} status={status} mode="multiple" value={partners} onChange={(chosen) => set({ partners: chosen })} options={operators.map((one) => ({ value: one.id, label: one.name }))} />}</Field>
        <TextField form={form} name="line" className="s4" must inputMode="tel" label={has.period ? t("involved") : t("line")} max={32} />
        {has.counterpart && <TextField form={form} name="counterpart" className="s4" inputMode="tel" label={t("counterpart")} hint={kind === "label_next_call" ? t("formCallerHint") : t("formCounterpartHint")} max={32} />}
        {has.hours && <CountField form={form} name="hours" path="until" className="s4" must={has.hours === "must"} label={t("formHours")} hint={has.hours === "optional" ? t("formHoursOpen") : hoursMax ? t("formHoursHint", { n: hoursMax }) : undefined} max={hoursMax} />}
        {has.period && <TimeField form={form} name="from" path="period.from" className="s4" label={t("formFrom")} hint={fixed && t("formPeriodHint", { n: fixed.period_days })} />}
        {has.period && <TimeField form={form} name="to" path="period.to" className="s4" label={t("formTo")} />}
        {has.foreign && <div className="s12"><Checkbox checked={foreign} onChange={(event) => set({ foreign: event.target.checked })}>{t("formForeign")}</Checkbox></div>}
        {has.label && <TextField form={form} name="label" className="s8" label={t("labelShown")} hint={t("formLabelHint")} max={40} />}
        {has.warning && <WordsField form={form} name="warning" path="warning_text" label={t("warningText")} hint={t("formWarningHint")} max={268} />}
        {has.warning && <WordsField form={form} name="warningEn" path="warning_text_en" label={t("warningTextEn")} hint={t("formWarningEnHint")} max={268} />}
        <WordsField form={form} name="reason" must rows={2} label={t("reason")} max={2000} />
      </div></div>
    </FormPage>
  );
}
