/** A number, a prefix or a range put on the own list; it holds for the next call. */
import { App } from "antd";
import { useQueryClient } from "@tanstack/react-query";
import { useLocation, useNavigate } from "react-router";
import { post } from "../../api/client";
import type { ListEntry } from "../../api/types";
import { ChoiceField, FormPage, TextField, useForm, WordsField } from "../../shell/FormPage";
import { filled } from "../../shell/form";
import { useLang, useT } from "../../shell/i18n";
import { LIST_ACTIONS } from "../../words/screening";
import { LIST } from "./texts";

export function EntryForm() {
  const t = useT(LIST);
  const lang = useLang();
  const go = useNavigate();
  const client = useQueryClient();
  const { message } = App.useApp();
  const { state } = useLocation() as { state: { number?: string } | null };
  const form = useForm({
    initial: { number: state?.number ?? "", action: "block", reason: "", expires: "", source: "", case_number: "", note: "" },
    back: "/list",
    send: async ({ number, action, reason, ...optional }, key) => {
      const made = await post<ListEntry>("/list", { number: number.trim(), action, reason: reason.trim(), ...filled(optional) }, key);
      void message.success(t("added", { number: made.number }));
      await client.invalidateQueries({ queryKey: ["list-entries"] });
      void go(`/list/${made.id}`);
    },
  });
  return (
    <FormPage form={form} title={t("formTitle")} confirm={t("formSubmit")}>
      <div className="card"><div className="body form-grid">
        <TextField form={form} name="number" className="s6" must first label={t("formNumber")} hint={t("formNumberHint")} max={64} />
        <ChoiceField form={form} name="action" className="s3" must label={t("formAction")} options={Object.entries(LIST_ACTIONS).map(([value, words]) => ({ value, label: words[lang] }))} />
        <TextField form={form} name="expires" className="s3" label={t("expires")} hint={t("formExpiresHint")} max={40} />
        <WordsField form={form} name="reason" must label={t("reason")} max={200} />
        <TextField form={form} name="source" className="s6" label={t("source")} max={200} />
        <TextField form={form} name="case_number" className="s6" label={t("case")} max={64} />
        <TextField form={form} name="note" label={t("note")} max={500} />
      </div></div>
    </FormPage>
  );
}
