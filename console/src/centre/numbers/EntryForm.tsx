/** A number, a prefix or a range put on the list. */
import { App, Button, Input, InputNumber, Select } from "antd";
import { useState } from "react";
import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearchParams } from "react-router";
import { get, newIdempotencyKey, post, Problem } from "../../api/client";
import type { NumberEntryRow, Page, ReportRow } from "../../api/types";
import { Field, FaultScope, focusFault, strayFaults } from "../../shell/form";
import { useLang, useT } from "../../shell/i18n";
import { useKeys } from "../../shell/keys";
import { ProblemAlert } from "../../shell/problem";
import { SHELL } from "../../shell/texts";
import { LIST_ACTIONS } from "../../words/screening";
import { NUMBERS } from "./texts";

export function EntryForm() {
  const t = useT(NUMBERS);
  const s = useT(SHELL);
  const lang = useLang();
  const go = useNavigate();
  const client = useQueryClient();
  const { message } = App.useApp();
  const [params] = useSearchParams();
  const [form, setForm] = useState({ pattern: params.get("pattern") ?? "", action: "block", reason: "", case_id: params.get("case") ?? "", source: "", days: 90 as number | null, label: "" });
  const [key, setKey] = useState(newIdempotencyKey);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const [caseSearch, setCaseSearch] = useState("");
  const cases = useQuery({ queryKey: ["reports", { pick: caseSearch }], queryFn: async () => (await get<Page<ReportRow>>("/reports", { state: "submitted", q: caseSearch, limit: 20 })).items, placeholderData: keepPreviousData }).data ?? [];
  const faults = error instanceof Problem ? error.faults : [];
  const set = (part: Partial<typeof form>) => setForm((old) => ({ ...old, ...part }));

  async function submit() {
    if (busy) return;
    setBusy(true);
    setError(null);
    try {
      const made = await post<NumberEntryRow>("/number-entries", {
        pattern: form.pattern.trim(), action: form.action, reason: form.reason.trim(),
        ...(form.case_id ? { case_id: form.case_id } : {}), ...(form.source.trim() ? { source: form.source.trim() } : {}),
        ...(form.days ? { days: form.days } : {}), ...(form.action === "watch" && form.label.trim() ? { label: form.label.trim() } : {}),
      }, key);
      void message.success(t(made.state === "review" ? "addedReview" : "added", { pattern: made.pattern }));
      await client.invalidateQueries({ queryKey: ["number-entries"] });
      void go(`/numbers/${made.id}`);
    } catch (problem) {
      setKey(newIdempotencyKey());
      setError(problem);
      if (problem instanceof Problem) setTimeout(() => focusFault(problem.faults), 30);
    } finally {
      setBusy(false);
    }
  }
  useKeys({ "Ctrl-Enter": () => void submit(), Escape: () => void go("/numbers") });

  return (
    <FaultScope faults={faults}>
      <div className="detail-head"><h2>{t("formTitle")}</h2></div>
      <div className="detail-body">
        <ProblemAlert error={error} faults={strayFaults(faults)} />
        <div className="card"><div className="body form-grid">
          <Field className="s6" must label={t("formPattern")} path="pattern" hint={t("formPatternHint")}>{({ id, status }) => <Input id={id} status={status} value={form.pattern} maxLength={48} onChange={(event) => set({ pattern: event.target.value })} />}</Field>
          <Field className="s3" must label={t("action")} path="action">{({ id, status }) => <Select id={id} status={status} value={form.action} onChange={(action) => set({ action })} options={Object.entries(LIST_ACTIONS).map(([value, words]) => ({ value, label: words[lang] }))} />}</Field>
          <Field className="s3" label={t("formDays")} path="expires_at" hint={t("formDaysHint")}>{({ id, status }) => <InputNumber id={id} status={status} min={1} max={3650} value={form.days} onChange={(days) => set({ days })} />}</Field>
          <Field must label={t("reason")} path="reason">{({ id, status }) => <Input.TextArea id={id} status={status} autoSize={{ minRows: 2, maxRows: 4 }} maxLength={500} value={form.reason} onChange={(event) => set({ reason: event.target.value })} />}</Field>
          <Field className="s6" label={t("formCase")} path="case_id">{({ id, status }) => <Select id={id} status={status} allowClear placeholder={t("formCasePick")} showSearch={{ filterOption: false, onSearch: setCaseSearch }} value={form.case_id || undefined} onChange={(case_id) => set({ case_id: case_id ?? "" })} options={cases.map((one) => ({ value: one.id, label: `${one.number} ${one.victim_name}` }))} />}</Field>
          <Field className="s6" label={t("source")} path="source" hint={t("formSourceHint")}>{({ id, status }) => <Input id={id} status={status} value={form.source} maxLength={120} onChange={(event) => set({ source: event.target.value })} />}</Field>
          {form.action === "watch" && <Field className="s6" label={t("label")} path="label" hint={t("formLabelHint")}>{({ id, status }) => <Input id={id} status={status} value={form.label} maxLength={40} onChange={(event) => set({ label: event.target.value })} />}</Field>}
        </div></div>
      </div>
      <div className="detail-foot"><div className="acts">
        <Button type="primary" loading={busy} onClick={() => void submit()}>{t("formSubmit")} <kbd aria-hidden="true">Ctrl ↵</kbd></Button>
        <Button onClick={() => void go("/numbers")}>{s("cancel")} <kbd aria-hidden="true">Esc</kbd></Button>
      </div></div>
    </FaultScope>
  );
}
