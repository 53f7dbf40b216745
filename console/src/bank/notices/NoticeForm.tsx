/** A case that the bank reports to the centre: a victim at the counter, or an account that is suspect. */
import { App, Button, Checkbox, Select } from "antd";
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "react-router";
import { post } from "../../api/client";
import { ChoiceField, FormPage, SumField, TextField, TimeField, useForm, WordsField } from "../../shell/FormPage";
import { BankInput } from "../../shell/BankInput";
import { Field } from "../../shell/form";
import { instantOf, parseMoney } from "../../shell/format";
import { useLang, useT, useWord } from "../../shell/i18n";
import { usePartners } from "../../shell/partners";
import { useScamTypes } from "../../shell/region";
import { useSession } from "../../shell/session";
import { NOTICE, NOTICE_KINDS, SIGNS } from "./texts";

interface PaymentRow {
  payer_account: string;
  payee_account: string;
  payee_name: string;
  payee_bank: string;
  amount: string;
  paid_at: string;
  reference: string;
}

function emptyPayment(bank: string): PaymentRow {
  return { payer_account: "", payee_account: "", payee_name: "", payee_bank: bank, amount: "", paid_at: "", reference: "" };
}

export function NoticeForm() {
  const t = useT(NOTICE);
  const lang = useLang();
  const word = useWord();
  const go = useNavigate();
  const client = useQueryClient();
  const { message } = App.useApp();
  const { seat } = useSession();
  const { banks } = usePartners();
  const types = useScamTypes();
  const own = seat?.id ?? "";
  const form = useForm({
    initial: { kind: "victim_case", words: "", name: "", phone: "", citizen: "", scam: "", account: "", signs: [] as string[], stopFirst: false, payments: [emptyPayment(own)] },
    back: "/notices",
    send: async (values, key) => {
      const { kind, words } = values;
      const body = kind === "victim_case" ? {
        kind, words, stop_first: values.stopFirst ? "yes" : "no",
        case: {
          victim_name: values.name, victim_phone: values.phone, victim_citizen_id: values.citizen || null, scam_type: values.scam || null,
          payments: values.payments.map((row) => ({ ...row, reference: row.reference || null, amount: parseMoney(row.amount), paid_at: instantOf(row.paid_at) })),
        },
      } : { kind, words, account: values.account.replace(/[\s-]/g, ""), signs: values.signs };
      const sent = await post<{ id: string; number: string }>("/notices", body, key);
      void message.success(t("sent", { number: sent.number }));
      await client.invalidateQueries({ queryKey: ["notices"] });
      void go(`/notices/${sent.id}`);
    },
  });
  const { set, values: { kind, payments, signs, stopFirst } } = form;
  const victim = kind === "victim_case";
  const bankChoices = [{ id: own, name: t("ownBank") }, ...banks.filter((bank) => bank.id !== own)];

  return (
    <FormPage form={form} title={t("add")} confirm={t("submit")}>
      <div className="card"><div className="body form-grid">
        <ChoiceField form={form} name="kind" className="s4" must label={t("kind")} options={Object.keys(NOTICE_KINDS).map((value) => ({ value, label: word(NOTICE_KINDS, value) }))} />
        {victim && <ChoiceField form={form} name="scam" path="case.scam_type" className="s4" clear listWidth={240} label={t("scamType")} options={types.all.map((type) => ({ value: type.code, label: type.name[lang] }))} />}
        <WordsField form={form} name="words" must rows={3} label={t("words")} hint={t("wordsHint")} max={10000} />
        {!victim && <TextField form={form} name="account" className="s5" must label={t("account")} max={48} />}
        {!victim && <Field label={t("signs")} path="signs">{({ id, status }) => <Select id={id} status={status} mode="multiple" value={signs} onChange={(chosen) => set({ signs: chosen })} options={Object.keys(SIGNS).map((value) => ({ value, label: word(SIGNS, value) }))} />}</Field>}
      </div></div>
      {victim && (
        <>
          <div className="card"><header><h3>{t("victim")}</h3></header><div className="body form-grid">
            <TextField form={form} name="name" path="case.victim_name" className="s4" must label={t("victimName")} max={64} />
            <TextField form={form} name="phone" path="case.victim_phone" className="s4" must inputMode="tel" label={t("victimPhone")} max={32} />
            <TextField form={form} name="citizen" path="case.victim_citizen_id" className="s4" label={t("victimId")} max={24} />
          </div></div>
          <div className="card" data-field="case.payments"><header><h3>{t("payments")}</h3><span className="spacer" /><Button size="small" onClick={() => set({ payments: [...payments, emptyPayment(own)] })}>＋ {t("addPayment")}</Button></header><div className="body">
            {payments.map((values, index) => {
              const at = `case.payments[${index}]`;
              const row = { values, set: (part: Partial<PaymentRow>) => set({ payments: payments.map((one, place) => (place === index ? { ...one, ...part } : one)) }) };
              return (
                // oxlint-disable-next-line react/no-array-index-key
                <div key={index} style={{ marginBottom: 10 }}>
                  {payments.length > 1 && <div className="row"><strong className="grow">{t("payment", { n: index + 1 })}</strong><button type="button" className="reveal" onClick={() => set({ payments: payments.filter((_row, place) => place !== index) })}>{t("remove")}</button></div>}
                  <div className="form-grid">
                    <TextField form={row} name="payer_account" path={`${at}.payer_account`} className="s4" must label={t("payerAccount")} max={48} />
                    <TextField form={row} name="payee_account" path={`${at}.payee_account`} className="s4" must label={t("payeeAccount")} max={48} />
                    <TextField form={row} name="payee_name" path={`${at}.payee_name`} className="s4" must label={t("payeeName")} max={64} />
                    <Field path={`${at}.payee_bank`} className="s3" must label={t("payeeBank")}>{({ id, status }) => <BankInput id={id} status={status} value={values.payee_bank} banks={bankChoices} onChange={(bank) => row.set({ payee_bank: bank })} />}</Field>
                    <SumField form={row} name="amount" path={`${at}.amount`} className="s3" must label={t("amount")} />
                    <TimeField form={row} name="paid_at" path={`${at}.paid_at`} className="s3" must label={t("paidAt")} />
                    <TextField form={row} name="reference" path={`${at}.reference`} className="s3" label={t("reference")} max={64} />
                  </div>
                </div>
              );
            })}
            <Field label={<span className="visually-hidden">{t("stopFirst")}</span>} path="stop_first" hint={t("stopFirstHint")}>{({ id }) => <Checkbox id={id} checked={stopFirst} onChange={(event) => set({ stopFirst: event.target.checked })}>{t("stopFirst")}</Checkbox>}</Field>
          </div></div>
        </>
      )}
    </FormPage>
  );
}
