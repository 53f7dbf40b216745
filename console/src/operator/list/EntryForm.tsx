/** A number, a prefix or a range put on the own list; it holds for the next call. */
import { App, Button, Input, Select } from "antd";
import { useState } from "react";
import { useQueryClient } from "@tanstack/react-query";
import { useLocation, useNavigate } from "react-router";
import { newIdempotencyKey, post, Problem } from "../../api/client";
import type { ListEntry } from "../../api/types";
import { Field, FaultScope, focusFault, strayFaults } from "../../shell/form";
import { useLang, useT } from "../../shell/i18n";
import { useKeys } from "../../shell/keys";
import { ProblemAlert } from "../../shell/problem";
import { SHELL } from "../../shell/texts";
import { LIST_ACTIONS } from "../../words/screening";
import { LIST } from "./texts";

export function EntryForm() {
  const t = useT(LIST);
  const s = useT(SHELL);
  const lang = useLang();
  const go = useNavigate();
  const client = useQueryClient();
  const { message } = App.useApp();
  const { state } = useLocation() as { state: { number?: string } | null };
  const [form, setForm] = useState({ number: state?.number ?? "", action: "block", reason: "", expires: "", source: "", case_number: "", note: "" });
  const [key, setKey] = useState(newIdempotencyKey);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const faults = error instanceof Problem ? error.faults : [];
  const set = (part: Partial<typeof form>) => setForm((old) => ({ ...old, ...part }));

  async function submit() {
    if (busy) return;
    setBusy(true);
    setError(null);
    try {
      const optional = Object.fromEntries((["expires", "source", "case_number", "note"] as const).map((name) => [name, form[name].trim()] as const).filter(([, text]) => text !== ""));
      const made = await post<ListEntry>("/list", { number: form.number.trim(), action: form.action, reason: form.reason.trim(), ...optional }, key);
      void message.success(t("added", { number: made.number }));
      await client.invalidateQueries({ queryKey: ["list-entries"] });
      void go(`/list/${made.id}`);
    } catch (problem) {
      setKey(newIdempotencyKey());
      setError(problem);
      if (problem instanceof Problem) setTimeout(() => focusFault(problem.faults), 30);
    } finally {
      setBusy(false);
    }
  }
  useKeys({ "Ctrl-Enter": () => void submit(), Escape: () => void go("/list") });

  return (
    <FaultScope faults={faults}>
      <div className="detail-head"><h2>{t("formTitle")}</h2></div>
      <div className="detail-body">
        <ProblemAlert error={error} faults={strayFaults(faults)} />
        <div className="card"><div className="body form-grid">
          <Field className="s6" must label={t("formNumber")} path="number" hint={t("formNumberHint")}>{({ id, status }) => <Input id={id} status={status} autoFocus value={form.number} maxLength={64} onChange={(event) => set({ number: event.target.value })} />}</Field>
          <Field className="s3" must label={t("formAction")} path="action">{({ id, status }) => <Select id={id} status={status} value={form.action} onChange={(action) => set({ action })} options={Object.entries(LIST_ACTIONS).map(([value, words]) => ({ value, label: words[lang] }))} />}</Field>
          <Field className="s3" label={t("expires")} path="expires" hint={t("formExpiresHint")}>{({ id, status }) => <Input id={id} status={status} value={form.expires} maxLength={40} onChange={(event) => set({ expires: event.target.value })} />}</Field>
          <Field must label={t("reason")} path="reason">{({ id, status }) => <Input.TextArea id={id} status={status} autoSize={{ minRows: 2, maxRows: 4 }} maxLength={200} value={form.reason} onChange={(event) => set({ reason: event.target.value })} />}</Field>
          <Field className="s6" label={t("source")} path="source">{({ id, status }) => <Input id={id} status={status} value={form.source} maxLength={200} onChange={(event) => set({ source: event.target.value })} />}</Field>
          <Field className="s6" label={t("case")} path="case_number">{({ id, status }) => <Input id={id} status={status} value={form.case_number} maxLength={64} onChange={(event) => set({ case_number: event.target.value })} />}</Field>
          <Field label={t("note")} path="note">{({ id, status }) => <Input id={id} status={status} value={form.note} maxLength={500} onChange={(event) => set({ note: event.target.value })} />}</Field>
        </div></div>
      </div>
      <div className="detail-foot"><div className="acts">
        <Button type="primary" loading={busy} onClick={() => void submit()}>{t("formSubmit")} <kbd aria-hidden="true">Ctrl ↵</kbd></Button>
        <Button onClick={() => void go("/list")}>{s("cancel")} <kbd aria-hidden="true">Esc</kbd></Button>
      </div></div>
    </FaultScope>
  );
}
