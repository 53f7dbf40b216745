/** The public report form: phone first, large type, one question group a step, readable by an old person in distress. */
import { useEffect, useRef, useState } from "react";
import { useQuery } from "@tanstack/react-query";
import { get, newIdempotencyKey, post, Problem } from "../../api/client";
import type { Fault, Page, Region, Said } from "../../api/types";
import { formatAccount, formatMoney, formatPhone, localOf, magnitude, parseMoney } from "../../shell/format";
import { useLang, useT } from "../../shell/i18n";
import { Icon } from "../../shell/Icon";
import { useRegionName } from "../../shell/region";
import { ProblemAlert } from "../../shell/problem";
import { Ask, PublicFrame } from "../pieces";
import { PUBLIC } from "./texts";

interface Paid {
  account: string;
  name: string;
  bank: string;
  amount: string;
  at: string;
  payer: string;
}
interface Form {
  name: string;
  phone: string;
  region: string;
  payments: Paid[];
  narrative: string;
  theirs: string;
}

const STEPS = ["stepYou", "stepPaid", "stepStory", "stepCheck"] as const;

/** Payments that the centre takes in one public report. */
const PAYMENTS_MAX = 20;

function emptyPaid(): Paid {
  return { account: "", name: "", bank: "", amount: "", at: localOf(new Date().toISOString()).slice(0, 16), payer: "" };
}

function emptyForm(): Form {
  return { name: "", phone: "", region: "", payments: [emptyPaid()], narrative: "", theirs: "" };
}

/** A phone, an address or a chat account, by its look. */
export function contactOf(text: string): { kind: string; value: string } {
  const compact = text.replace(/[\s-]/g, "");
  if (/^\+?\d{7,15}$/.test(compact) && (compact.length >= 11 || /^(0|1|9|4)/.test(compact)) && !/^[1-9]\d{4,9}$/.test(compact)) return { kind: "phone", value: compact };
  if (/^https?:\/\//i.test(text) || /^[\w-]+(\.[\w-]+)+(\/\S*)?$/i.test(text)) return { kind: "url", value: text };
  return { kind: "chat", value: text };
}

/** What goes to the seat. */
export function bodyOf(form: Form) {
  return {
    state: "submitted",
    channel: "public",
    victim: { name: form.name.trim(), phone: form.phone.trim(), region: form.region, citizen_id: "" },
    region: form.region,
    narrative: form.narrative.trim(),
    payments: form.payments.map((paid) => ({ payee_account: paid.account.trim(), payee_name: paid.name.trim(), payee_bank: paid.bank.trim(), amount: paid.amount.trim(), paid_at: paid.at.replace("T", " "), payer_account: paid.payer.trim() })),
    contacts: form.theirs.split(/[,，、;；\n]/).map((text) => text.trim()).filter(Boolean).map(contactOf),
  };
}

/** The step on which a field of the seat's input stands. */
export function stepOf(field: string): number {
  if (field.startsWith("victim") || field === "region") return 0;
  if (field.startsWith("payments")) return 1;
  return 2;
}

/** The two telephones that help at once; they stand on every step. */
function Calls() {
  const t = useT(PUBLIC);
  return <div className="calls"><a className="big call" href="tel:110"><Icon name="intake" /> {t("call110")}</a><a className="big call" href="tel:96110"><Icon name="intake" /> {t("call96110")}</a></div>;
}

/** What is missing on a step; the seat checks the rest. Who paid by a code knows neither account nor name. */
export function missingOn(form: Form, step: number): Fault[] {
  const out: Fault[] = [];
  const must = (field: string, value: string) => {
    if (!value.trim()) out.push({ field, code: "public.must", zh: PUBLIC.must.zh, en: PUBLIC.must.en });
  };
  if (step === 0) {
    must("victim.name", form.name);
    must("victim.phone", form.phone);
    must("victim.region", form.region);
  }
  if (step === 1) {
    form.payments.forEach((paid, index) => {
      must(`payments[${index}].amount`, paid.amount);
      must(`payments[${index}].paid_at`, paid.at);
      if (paid.amount.trim() && !parseMoney(paid.amount)) out.push({ field: `payments[${index}].amount`, code: "public.amount", zh: PUBLIC.badAmount.zh, en: PUBLIC.badAmount.en, zh_remedy: PUBLIC.badAmountRemedy.zh, en_remedy: PUBLIC.badAmountRemedy.en });
    });
  }
  return out;
}

export default function PublicReport() {
  const t = useT(PUBLIC);
  const lang = useLang();
  const [form, setForm] = useState(emptyForm);
  const [step, setStep] = useState(0);
  const [faults, setFaults] = useState<Fault[]>([]);
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const [done, setDone] = useState<(Said & { number: string }) | null>(null);
  const [key, setKey] = useState(newIdempotencyKey);
  const top = useRef<HTMLHeadingElement>(null);
  const regions = useQuery({ queryKey: ["regions"], queryFn: () => get<Page<Region>>("/regions"), staleTime: Number.POSITIVE_INFINITY }).data?.items ?? [];
  const set = (part: Partial<Form>) => setForm((old) => ({ ...old, ...part }));
  const setPaid = (index: number, part: Partial<Paid>) => set({ payments: form.payments.map((paid, at) => (at === index ? { ...paid, ...part } : paid)) });

  useEffect(() => {
    document.title = t("title");
    // oxlint-disable-next-line react/exhaustive-deps
  }, [lang]);
  useEffect(() => {
    const warn = (event: BeforeUnloadEvent) => {
      if (!done && (form.narrative || form.name || form.payments[0]?.account)) event.preventDefault();
    };
    window.addEventListener("beforeunload", warn);
    return () => window.removeEventListener("beforeunload", warn);
  }, [form, done]);
  useEffect(() => {
    window.scrollTo(0, 0);
    top.current?.focus();
  }, [step, done]);

  function next() {
    const found = missingOn(form, step);
    setFaults(found);
    setError(null);
    if (found.length === 0) setStep(step + 1);
    else setTimeout(() => document.querySelector<HTMLElement>(".ask.wrong input, .ask.wrong select, .ask.wrong textarea")?.focus(), 0);
  }

  async function send() {
    if (busy) return;
    setBusy(true);
    setError(null);
    try {
      setDone(await post<Said & { number: string }>("/public/reports", bodyOf(form), key));
      setFaults([]);
    } catch (problem) {
      setError(problem);
      if (problem instanceof Problem) {
        if (problem.status !== 0) setKey(newIdempotencyKey());
        setFaults(problem.faults);
        const first = Math.min(...problem.faults.map((fault) => stepOf(fault.field)), STEPS.length - 1);
        if (problem.faults.length > 0) setStep(first);
      }
    } finally {
      setBusy(false);
    }
  }

  const cities = regions.filter((region) => region.level === "city");
  const regionName = useRegionName();
  const shownFaults = faults.filter((fault) => !document.querySelector(`[data-field="${CSS.escape(fault.field)}"]`) && stepOf(fault.field) === step);

  return (
    <PublicFrame name={t("centre")}>
        {done ? (
          <section className="public-card done">
            <h1 ref={top} tabIndex={-1}><span aria-hidden="true">✓</span> {t("doneTitle")}</h1>
            <p className="ask-hint">{t("doneNumber")}</p>
            <p className="big-number">{done.number}</p>
            <p>{t("doneKeep")}</p>
            <h2>{t("doneNext")}</h2>
            <ol>{(["do1", "do2", "do3", "do4"] as const).map((one) => <li key={one}>{t(one)}</li>)}</ol>
            <a className="big call" href="tel:96110"><Icon name="intake" /> {t("call96110")}</a>
            <button type="button" className="big quiet" onClick={() => { setForm(emptyForm()); setStep(0); setDone(null); setKey(newIdempotencyKey()); }}>{t("again")}</button>
          </section>
        ) : (
          <>
            {step > 0 && <Calls />}
            {step === 0 && (
              <section className="public-urgent">
                <h2>⚠ {t("urgentTitle")}</h2>
                <p>{t("urgentText")}</p>
                <Calls />
                <p className="truth">{t("truth")}</p>
              </section>
            )}
            <form className="public-card" noValidate onSubmit={(event) => { event.preventDefault(); if (step < STEPS.length - 1) next(); else void send(); }}>
              <p className="ask-hint">{t("step", { n: step + 1, all: STEPS.length })}</p>
              <div className="progress" aria-hidden="true">{STEPS.map((one, index) => <i key={one} className={index <= step ? "on" : ""} />)}</div>
              <h1 ref={top} tabIndex={-1}>{step === 0 ? t("title") : t(STEPS[step] ?? "stepCheck")}</h1>
              <ProblemAlert error={error instanceof Problem && error.faults.length > 0 && shownFaults.length === 0 && faults.some((fault) => stepOf(fault.field) === step) ? null : error} faults={shownFaults} />
              {step === 0 && (
                <>
                  <Ask label={t("name")} path="victim.name" faults={faults}>{(control) => <input {...control} autoComplete="name" maxLength={64} value={form.name} onChange={(event) => set({ name: event.target.value })} />}</Ask>
                  <Ask label={t("phone")} hint={t("phoneHint")} path="victim.phone" faults={faults}>{(control) => <input {...control} type="tel" inputMode="tel" autoComplete="tel" maxLength={20} value={form.phone} onChange={(event) => set({ phone: event.target.value })} />}</Ask>
                  <Ask label={t("region")} path="victim.region" faults={faults}>{(control) => (
                    <select {...control} value={form.region} onChange={(event) => set({ region: event.target.value })}>
                      <option value="">{t("pickRegion")}</option>
                      {cities.map((city) => (
                        <optgroup key={city.code} label={city.name[lang]}>
                          <option value={city.code}>{city.name[lang]}</option>
                          {regions.filter((region) => region.parent === city.code && !region.successor).map((county) => <option key={county.code} value={county.code}>{county.name[lang]}</option>)}
                        </optgroup>
                      ))}
                    </select>
                  )}</Ask>
                </>
              )}
              {step === 1 && form.payments.map((paid, index) => {
                const at = `payments[${index}]`;
                const money = parseMoney(paid.amount);
                return (
                  // oxlint-disable-next-line react/no-array-index-key
                  <fieldset key={index}>
                    {form.payments.length > 1 && <legend>{t("payment", { n: index + 1 })} <button type="button" className="plain" onClick={() => set({ payments: form.payments.filter((_paid, place) => place !== index) })}>{t("removePayment")}</button></legend>}
                    <Ask label={t("amount")} hint={money ? `= ${formatMoney(money)} ${magnitude(money, lang) ?? ""}` : undefined} path={`${at}.amount`} faults={faults}>{(control) => <input {...control} inputMode="decimal" maxLength={20} value={paid.amount} onChange={(event) => setPaid(index, { amount: event.target.value })} />}</Ask>
                    <Ask label={t("payeeAccount")} hint={paid.account ? formatAccount(paid.account) : t("payeeAccountHint")} path={`${at}.payee_account`} faults={faults}>{(control) => <input {...control} inputMode="text" autoComplete="off" maxLength={40} value={paid.account} onChange={(event) => setPaid(index, { account: event.target.value })} />}</Ask>
                    <Ask label={t("payeeName")} hint={t("payeeBankHint")} path={`${at}.payee_name`} faults={faults}>{(control) => <input {...control} autoComplete="off" maxLength={64} value={paid.name} onChange={(event) => setPaid(index, { name: event.target.value })} />}</Ask>
                    <Ask label={t("payeeBank")} hint={t("payeeBankHint")} path={`${at}.payee_bank`} faults={faults}>{(control) => <input {...control} autoComplete="off" maxLength={64} value={paid.bank} onChange={(event) => setPaid(index, { bank: event.target.value })} />}</Ask>
                    <Ask label={t("paidAt")} path={`${at}.paid_at`} faults={faults}>{(control) => <input {...control} type="datetime-local" value={paid.at} onChange={(event) => setPaid(index, { at: event.target.value })} />}</Ask>
                    <Ask label={t("payer")} hint={t("payeeBankHint")} path={`${at}.payer_account`} faults={faults}>{(control) => <input {...control} autoComplete="off" maxLength={40} value={paid.payer} onChange={(event) => setPaid(index, { payer: event.target.value })} />}</Ask>
                  </fieldset>
                );
              })}
              {step === 1 && form.payments.length < PAYMENTS_MAX && <button type="button" className="big quiet" onClick={() => set({ payments: [...form.payments, emptyPaid()] })}>＋ {t("addPayment")}</button>}
              {step === 2 && (
                <>
                  <Ask label={t("narrative")} hint={t("narrativeHint")} path="narrative" faults={faults}>{(control) => <textarea {...control} rows={8} maxLength={20000} value={form.narrative} onChange={(event) => set({ narrative: event.target.value })} />}</Ask>
                  <Ask label={t("theirPhone")} hint={t("theirHint")} path="contacts" faults={faults}>{(control) => <textarea {...control} rows={2} maxLength={600} value={form.theirs} onChange={(event) => set({ theirs: event.target.value })} />}</Ask>
                </>
              )}
              {step === 3 && (
                <dl className="check">
                  <div><dt>{t("stepYou")} <button type="button" className="plain" onClick={() => setStep(0)}>{t("change")}</button></dt><dd>{form.name}<br />{formatPhone(form.phone)}<br />{regionName(form.region)}</dd></div>
                  <div><dt>{t("stepPaid")} <button type="button" className="plain" onClick={() => setStep(1)}>{t("change")}</button></dt>{form.payments.map((paid, index) => {
                    const money = parseMoney(paid.amount);
                    // oxlint-disable-next-line react/no-array-index-key
                    return <dd key={index}><strong>{money ? formatMoney(money) : paid.amount}</strong>　{paid.at.replace("T", " ")}<br />{formatAccount(paid.account)} {paid.name} {paid.bank}</dd>;
                  })}</div>
                  <div><dt>{t("stepStory")} <button type="button" className="plain" onClick={() => setStep(2)}>{t("change")}</button></dt><dd className="story">{form.narrative || "—"}</dd>{form.theirs && <dd>{form.theirs}</dd>}</div>
                </dl>
              )}
              <div className="public-acts">
                {step > 0 && <button type="button" className="big quiet" onClick={() => { setFaults([]); setError(null); setStep(step - 1); }}>{t("back")}</button>}
                <button type="submit" className="big primary" disabled={busy}>{step < STEPS.length - 1 ? t("next") : t("send")}</button>
              </div>
              <p className="ask-hint">{t("privacy")}</p>
            </form>
          </>
        )}
    </PublicFrame>
  );
}
