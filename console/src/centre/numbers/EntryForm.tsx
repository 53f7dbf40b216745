/** A number, a prefix or a range put on the list. */
import { App } from "antd";
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearchParams } from "react-router";
import { post } from "../../api/client";
import type { NumberEntryRow } from "../../api/types";
import { ChoiceField, CountField, FormPage, TextField, useForm, WordsField } from "../../shell/FormPage";
import { filled } from "../../shell/form";
import { useLang, useT } from "../../shell/i18n";
import { LIST_ACTIONS } from "../../words/screening";
import { CaseField } from "../CaseField";
import { NUMBERS } from "./texts";

/** How long an entry holds unless said otherwise. */
const DAYS = 90;

export function EntryForm() {
  const t = useT(NUMBERS);
  const lang = useLang();
  const go = useNavigate();
  const client = useQueryClient();
  const { message } = App.useApp();
  const [params] = useSearchParams();
  const form = useForm({
    initial: { pattern: params.get("pattern") ?? "", action: "block", reason: "", case_id: params.get("case") ?? "", source: "", days: DAYS as number | null, label: "" },
    back: "/numbers",
    send: async ({ pattern, action, reason, case_id, source, days, label }, key) => {
      const optional = filled({ case_id, source, label: action === "watch" ? label : "" });
      const made = await post<NumberEntryRow>("/number-entries", { pattern: pattern.trim(), action, reason: reason.trim(), ...optional, ...(days ? { days } : {}) }, key);
      void message.success(t(made.state === "review" ? "addedReview" : "added", { pattern: made.pattern }));
      await client.invalidateQueries({ queryKey: ["number-entries"] });
      void go(`/numbers/${made.id}`);
    },
  });
  return (
    <FormPage form={form} title={t("formTitle")} confirm={t("formSubmit")}>
      <div className="card"><div className="body form-grid">
        <TextField form={form} name="pattern" className="s6" must first label={t("formPattern")} hint={t("formPatternHint")} max={48} />
        <ChoiceField form={form} name="action" className="s3" must label={t("action")} options={Object.entries(LIST_ACTIONS).map(([value, words]) => ({ value, label: words[lang] }))} />
        <CountField form={form} name="days" path="expires_at" className="s3" label={t("formDays")} hint={t("formDaysHint")} max={3650} />
        <WordsField form={form} name="reason" must label={t("reason")} max={500} />
        <CaseField form={form} className="s6" clear label={t("formCase")} placeholder={t("formCasePick")} />
        <TextField form={form} name="source" className="s6" label={t("source")} hint={t("formSourceHint")} max={120} />
        {form.values.action === "watch" && <TextField form={form} name="label" className="s6" label={t("label")} hint={t("formLabelHint")} max={40} />}
      </div></div>
    </FormPage>
  );
}
