/** A case that the bank reports to the centre: a victim at the counter, or an account that is suspect. */
import { Button, Checkbox, Input, Select } from "antd";
import { useState } from "react";
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "react-router";
import { App } from "antd";
import { newIdempotencyKey, post, Problem } from "../../api/client";
import { Field, FaultScope, focusFault, strayFaults, TimeInput } from "../../shell/form";
import { formatMoney, instantOf, parseMoney } from "../../shell/format";
import { useLang, useT, useWord } from "../../shell/i18n";
import { useKeys } from "../../shell/keys";
import { usePartners } from "../../shell/partners";
import { useScamTypes } from "../../shell/region";
import { useSession } from "../../shell/session";
import { SHELL } from "../../shell/texts";
import { ProblemAlert } from "../../shell/problem";
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
  const s = useT(SHELL);
  const lang = useLang();
  const word = useWord();
  const go = useNavigate();
  const client = useQueryClient();
  const { message } = App.useApp();
  const { seat } = useSession();
  const { banks } = usePartners();
  const types = useScamTypes();
  const own = seat?.id ?? "";
  const [form, setForm] = useState({ kind: "victim_case", words: "", name: "", phone: "", citizen: "", scam: "", account: "", signs: [] as string[], stopFirst: false, payments: [emptyPayment(own)] });
  const [key, setKey] = useState(newIdempotencyKey);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const set = (part: Partial<typeof form>) => setForm((old) => ({ ...old, ...part }));
  const setPayment = (index: number, part: Partial<PaymentRow>) => set({ payments: form.payments.map((row, at) => (at === index ? { ...row, ...part } : row)) });
  const faults = error instanceof Problem ? error.faults : [];
  const victim = form.kind === "victim_case";

  async function send() {
    if (busy) return;
    setBusy(true);
    setError(null);
    try {
      const body = victim ? {
        kind: form.kind, words: form.words, stop_first: form.stopFirst ? "yes" : "no",
        case: {
          victim_name: form.name, victim_phone: form.phone, victim_citizen_id: form.citizen || null, scam_type: form.scam || null,
          payments: form.payments.map((row) => ({ ...row, reference: row.reference || null, amount: parseMoney(row.amount) ?? { minor: 0, currency: "CNY" }, paid_at: instantOf(row.paid_at) })),
        },
      } : { kind: form.kind, words: form.words, account: form.account.replace(/[\s-]/g, ""), signs: form.signs };
      const sent = await post<{ id: string; number: string }>("/notices", body, key);
      void message.success(t("sent", { number: sent.number }));
      await client.invalidateQueries({ queryKey: ["notices"] });
      void go(`/notices/${sent.id}`);
    } catch (problem) {
      setKey(newIdempotencyKey());
      setError(problem);
      if (problem instanceof Problem) setTimeout(() => focusFault(problem.faults), 30);
    } finally {
      setBusy(false);
    }
  }
  useKeys({ "Ctrl-Enter": () => void send(), Escape: () => void go("/notices") });
  const bankChoices = [{ value: own, label: t("ownBank") }, ...banks.filter((bank) => bank.id !== own).map((bank) => ({ value: bank.id, label: bank.name }))];

  return (
    <FaultScope faults={faults}>
      <div className="detail-head"><h2>{t("add")}</h2></div>
      <div className="detail-body">
        <ProblemAlert error={error} faults={strayFaults(faults)} />
        <div className="card"><div className="body form-grid">
          <Field className="s4" must label={t("kind")} path="kind">{({ id, status }) => <Select id={id} status={status} value={form.kind} onChange={(kind) => set({ kind })} options={Object.keys(NOTICE_KINDS).map((value) => ({ value, label: word(NOTICE_KINDS, value) }))} />}</Field>
          {victim && <Field className="s4" label={t("scamType")} path="case.scam_type">{({ id, status }) => <Select id={id} status={status} allowClear popupMatchSelectWidth={240} value={form.scam || undefined} onChange={(scam) => set({ scam: scam ?? "" })} options={types.all.map((type) => ({ value: type.code, label: type.name[lang] }))} />}</Field>}
          <Field className="s12" must label={t("words")} path="words" hint={t("wordsHint")}>{({ id, status }) => <Input.TextArea id={id} status={status} autoSize={{ minRows: 3, maxRows: 8 }} maxLength={10000} value={form.words} onChange={(event) => set({ words: event.target.value })} />}</Field>
          {!victim && <Field className="s5" must label={t("account")} path="account">{({ id, status }) => <Input id={id} status={status} value={form.account} maxLength={48} onChange={(event) => set({ account: event.target.value })} />}</Field>}
          {!victim && <Field className="s12" label={t("signs")} path="signs">{({ id, status }) => <Select id={id} status={status} mode="multiple" value={form.signs} onChange={(signs) => set({ signs })} options={Object.keys(SIGNS).map((value) => ({ value, label: word(SIGNS, value) }))} />}</Field>}
        </div></div>
        {victim && (
          <>
            <div className="card"><header><h3>{t("victim")}</h3></header><div className="body form-grid">
              <Field className="s4" must label={t("victimName")} path="case.victim_name">{({ id, status }) => <Input id={id} status={status} value={form.name} maxLength={64} onChange={(event) => set({ name: event.target.value })} />}</Field>
              <Field className="s4" must label={t("victimPhone")} path="case.victim_phone">{({ id, status }) => <Input id={id} status={status} inputMode="tel" value={form.phone} maxLength={32} onChange={(event) => set({ phone: event.target.value })} />}</Field>
              <Field className="s4" label={t("victimId")} path="case.victim_citizen_id">{({ id, status }) => <Input id={id} status={status} value={form.citizen} maxLength={24} onChange={(event) => set({ citizen: event.target.value })} />}</Field>
            </div></div>
            <div className="card" data-field="case.payments"><header><h3>{t("payments")}</h3><span className="spacer" /><Button size="small" onClick={() => set({ payments: [...form.payments, emptyPayment(own)] })}>＋ {t("addPayment")}</Button></header><div className="body">
              {form.payments.map((row, index) => {
                const at = `case.payments[${index}]`;
                const money = parseMoney(row.amount);
                return (
                  // oxlint-disable-next-line react/no-array-index-key
                  <div key={index} style={{ marginBottom: 10 }}>
                    {form.payments.length > 1 && <div className="row"><strong className="grow">{t("payment", { n: index + 1 })}</strong><button type="button" className="reveal" onClick={() => set({ payments: form.payments.filter((_row, place) => place !== index) })}>{t("remove")}</button></div>}
                    <div className="form-grid">
                      <Field className="s4" must label={t("payerAccount")} path={`${at}.payer_account`}>{({ id, status }) => <Input id={id} status={status} value={row.payer_account} maxLength={48} onChange={(event) => setPayment(index, { payer_account: event.target.value })} />}</Field>
                      <Field className="s4" must label={t("payeeAccount")} path={`${at}.payee_account`}>{({ id, status }) => <Input id={id} status={status} value={row.payee_account} maxLength={48} onChange={(event) => setPayment(index, { payee_account: event.target.value })} />}</Field>
                      <Field className="s4" must label={t("payeeName")} path={`${at}.payee_name`}>{({ id, status }) => <Input id={id} status={status} value={row.payee_name} maxLength={64} onChange={(event) => setPayment(index, { payee_name: event.target.value })} />}</Field>
                      <Field className="s3" must label={t("payeeBank")} path={`${at}.payee_bank`}>{({ id, status }) => <Select id={id} status={status} value={row.payee_bank} onChange={(bank) => setPayment(index, { payee_bank: bank })} options={bankChoices} />}</Field>
                      <Field className="s3" must label={t("amount")} path={`${at}.amount`} hint={money && <>= {formatMoney(money)}</>}>{({ id, status }) => <Input id={id} status={status} inputMode="decimal" value={row.amount} onChange={(event) => setPayment(index, { amount: event.target.value })} />}</Field>
                      <Field className="s3" must label={t("paidAt")} path={`${at}.paid_at`}>{({ id, status }) => <TimeInput id={id} status={status} value={row.paid_at} onChange={(text) => setPayment(index, { paid_at: text })} />}</Field>
                      <Field className="s3" label={t("reference")} path={`${at}.reference`}>{({ id, status }) => <Input id={id} status={status} value={row.reference} maxLength={64} onChange={(event) => setPayment(index, { reference: event.target.value })} />}</Field>
                    </div>
                  </div>
                );
              })}
              <Field label={<span className="visually-hidden">{t("stopFirst")}</span>} path="stop_first" hint={t("stopFirstHint")}>{({ id }) => <Checkbox id={id} checked={form.stopFirst} onChange={(event) => set({ stopFirst: event.target.checked })}>{t("stopFirst")}</Checkbox>}</Field>
            </div></div>
          </>
        )}
      </div>
      <div className="detail-foot"><div className="acts">
        <Button type="primary" loading={busy} onClick={() => void send()}>{t("submit")} <kbd aria-hidden="true">Ctrl ↵</kbd></Button>
        <Button onClick={() => void go("/notices")}>{s("cancel")} <kbd aria-hidden="true">Esc</kbd></Button>
      </div></div>
    </FaultScope>
  );
}
