/** The form of a report: kept as a draft while it is typed, every fault beside its field on submit. */
import { Button, Input, Select } from "antd";
import { useCallback, useEffect, useRef, useState } from "react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "react-router";
import { newIdempotencyKey, post, Problem, put } from "../../api/client";
import type { Duplicate, Fault, Page, Report } from "../../api/types";
import { MOVEMENT_CHANNELS } from "../../words/order";
import { CONTACT_KINDS, REPORT_CHANNELS } from "../../words/report";
import { BankInput } from "../../shell/BankInput";
import { FaultScope, Field, focusFault, strayFaults } from "../../shell/form";
import { formatMoney, formatTime, magnitude, parseMoney } from "../../shell/format";
import { useLang, useT, useWord, type Texts } from "../../shell/i18n";
import { useKeys } from "../../shell/keys";
import { announce } from "../../shell/live";
import { usePartners } from "../../shell/partners";
import { MoneyText } from "../../shell/pieces";
import { useRegionChoices, useScamTypes } from "../../shell/region";
import { SubjectLink } from "../../shell/SubjectLink";
import { faultWords, ProblemAlert } from "../../shell/problem";
import { serverNow } from "../../shell/time";
import { emptyDraft, emptyPayment, faultsAtRows, fromAnswer, isDayOnly, totalOf, toBody, type Draft, type DraftPayment } from "./draft";
import { Narrative } from "./Narrative";
import { INTAKE } from "./texts";
import "./intake.css";

/** A pause in typing of this length keeps the draft. */
const KEEP_AFTER_MS = 1500;
/** A pause of this length asks whether the same payment is already reported. */
const DUPLICATES_AFTER_MS = 900;

type Saving = { state: "clean" | "dirty" | "saving" | "failed" } | { state: "kept"; at: number };

interface ReportFormProps {
  report: Report | null;
  onDone: (outcome: Report) => void;
}

export function ReportForm({ report, onDone }: ReportFormProps) {
  const t = useT(INTAKE);
  const lang = useLang();
  const word = useWord();
  const go = useNavigate();
  const client = useQueryClient();
  const { banks } = usePartners();
  const types = useScamTypes();
  const regionChoices = useRegionChoices();
  const [draft, setDraft] = useState<Draft>(() => (report ? fromAnswer(report) : emptyDraft()));
  const [saving, setSaving] = useState<Saving>({ state: "clean" });
  const [faults, setFaults] = useState<Fault[]>([]);
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const id = useRef<string | null>(report?.id ?? null);
  const number = useRef<string | null>(report?.number ?? null);
  const latest = useRef(draft);
  const version = useRef(0);
  const keptVersion = useRef(0);
  const seatVersion = useRef(report?.version ?? 0);
  const creating = useRef<{ key: string; body: unknown; version: number } | null>(null);
  const keyOfSubmit = useRef(newIdempotencyKey());
  const chain = useRef<Promise<unknown>>(Promise.resolve());
  latest.current = draft;

  const change = useCallback((next: (draft: Draft) => Draft) => {
    version.current += 1;
    setSaving({ state: "dirty" });
    setDraft(next);
  }, []);
  const setPayment = (index: number, part: Partial<DraftPayment>) =>
    change((old) => ({ ...old, payments: old.payments.map((row, at) => (at === index ? { ...row, ...part } : row)) }));

  /** Keeps the draft; one keep at a time, so that an older text never overwrites a newer one. */
  const keep = useCallback((): Promise<void> => {
    const run = async () => {
      const mine = version.current;
      if (mine === keptVersion.current) return;
      setSaving({ state: "saving" });
      const { body } = toBody(latest.current);
      try {
        let seen = mine;
        if (id.current === null) {
          // An answer that was lost may have made the draft: what is sent again is the same text under the same key.
          creating.current ??= { key: newIdempotencyKey(), body: { ...body, state: "draft" }, version: mine };
          seen = creating.current.version;
          const made = await post<Report>("/reports", creating.current.body, creating.current.key);
          id.current = made.id;
          number.current = made.number;
          seatVersion.current = made.version;
        }
        if (seen !== mine || keptVersion.current > 0 || report) {
          const kept = await put<Report>(`/reports/${id.current}`, { ...body, version: seatVersion.current });
          seatVersion.current = kept.version;
        }
        keptVersion.current = mine;
        setSaving(version.current === mine ? { state: "kept", at: serverNow() } : { state: "dirty" });
        void client.invalidateQueries({ queryKey: ["reports"] });
      } catch (problem) {
        if (problem instanceof Problem && problem.status !== 0) creating.current = null;
        setSaving({ state: "failed" });
        throw problem;
      }
    };
    const next = chain.current.then(run, run);
    chain.current = next.catch(() => undefined);
    return next;
  }, [client, report]);

  useEffect(() => {
    if (saving.state !== "dirty" && saving.state !== "failed") return;
    const timer = setTimeout(() => void keep().catch(() => undefined), saving.state === "failed" ? 5000 : KEEP_AFTER_MS);
    return () => clearTimeout(timer);
  }, [draft, saving.state, keep]);

  useEffect(() => {
    const warn = (event: BeforeUnloadEvent) => {
      if (version.current !== keptVersion.current) event.preventDefault();
    };
    window.addEventListener("beforeunload", warn);
    return () => window.removeEventListener("beforeunload", warn);
  }, []);
  useEffect(() => () => {
    // Leaving the page by a link keeps what was typed too.
    if (version.current !== keptVersion.current) void keep().catch(() => undefined);
  }, [keep]);

  const { body } = toBody(draft);
  const complete = body.payments.filter((row) => row.payee_account.trim().length >= 5 && parseMoney(row.amount) && row.paid_at.length >= 10);
  const [asked, setAsked] = useState("");
  const wanted = JSON.stringify(complete);
  useEffect(() => {
    const timer = setTimeout(() => setAsked(wanted), DUPLICATES_AFTER_MS);
    return () => clearTimeout(timer);
  }, [wanted]);
  const duplicates = useQuery({
    queryKey: ["duplicates", asked, id.current],
    enabled: asked.length > 2,
    queryFn: async () => (await post<Page<Duplicate>>("/reports/duplicates", { payments: JSON.parse(asked) as unknown, victim: latest.current.victim, except: id.current })).items,
    staleTime: 30_000,
  }).data ?? [];

  async function submit() {
    if (busy) return;
    setBusy(true);
    setError(null);
    setFaults([]);
    const { rows } = toBody(latest.current);
    try {
      await keep();
      const done = await post<Report>(`/reports/${id.current}/submit`, { version: seatVersion.current }, keyOfSubmit.current);
      keptVersion.current = version.current;
      announce(t("submitted", { number: done.number }));
      await client.invalidateQueries({ queryKey: ["reports"] });
      onDone(done);
    } catch (problem) {
      // A refused submit may be tried again after mending; it is another submit then.
      keyOfSubmit.current = newIdempotencyKey();
      setError(problem);
      if (problem instanceof Problem) {
        const placed = faultsAtRows(problem.faults, rows);
        setFaults(placed);
        announce(t("faults", { n: placed.length }));
        setTimeout(() => focusFault(placed), 30);
      }
    } finally {
      setBusy(false);
    }
  }

  async function leave() {
    await keep().catch(() => undefined);
    void go(id.current ? `/intake/${id.current}` : "/intake");
  }

  useKeys({ "Ctrl-Enter": () => void submit(), "Ctrl-s": () => void keep().catch(() => undefined), Escape: () => void leave() });

  const choices = (table: Texts) => Object.keys(table).map((code) => ({ value: code, label: word(table, code) }));
  const bankChoices = banks.map((bank) => ({ value: bank.id, label: bank.name }));
  const searchable = { showSearch: { optionFilterProp: "label" as const }, allowClear: true };
  const savedWords =
    saving.state === "kept" ? t("saved", { time: formatTime(saving.at, "clock") }) :
    saving.state === "saving" ? t("saving") :
    saving.state === "failed" ? t("saveFailed") :
    saving.state === "dirty" ? t("unsaved") : "";
  const total = totalOf(draft);
  const narrativeFaults = faults.filter((fault) => fault.field === "narrative");

  return (
    <FaultScope faults={faults}>
      <div className="desk has-detail">
        <Narrative draft={draft} change={change} fault={narrativeFaults.map((fault) => <div key={fault.code} className="field"><div className="fault">✕ {faultWords(fault, lang).what} <span className="remedy">{faultWords(fault, lang).remedy}</span></div></div>)} />
        <section className="detail">
          <div className="detail-head">
            <h2>{number.current ? t("formEdit", { number: number.current }) : t("formNew")}</h2>
            <span className="grow" />
            <span className="save-state" role="status">{saving.state === "failed" ? "⚠ " : ""}{savedWords}</span>
          </div>
          <div className="detail-body" tabIndex={-1}>
            <ProblemAlert error={error} faults={strayFaults(faults)} />
            {duplicates.length > 0 && (
              <div className="note amber" role="status">
                <strong>⚠ {duplicates.some((one) => one.certainty === "same") ? t("duplicate") : t("duplicatePossible")}</strong>{" "}
                {duplicates.map((one, index) => <span key={one.report_id}>{index > 0 && "、"}<SubjectLink kind="report" id={one.report_id}>{one.number}</SubjectLink></span>)}
                {duplicates.some((one) => one.certainty === "same") && <div className="muted">{t("duplicateHint")}</div>}
              </div>
            )}
            <div className="form-part">
              <h3>{t("victimPart")}</h3>
              <div className="form-grid">
                <Field className="s3" must label={t("name")} path="victim.name">{({ id, status, describedBy }) => <Input id={id} status={status} aria-describedby={describedBy} value={draft.victim.name} maxLength={64} onChange={(event) => change((old) => ({ ...old, victim: { ...old.victim, name: event.target.value } }))} />}</Field>
                <Field className="s3" must label={t("phone")} path="victim.phone">{({ id, status, describedBy }) => <Input id={id} status={status} aria-describedby={describedBy} inputMode="tel" value={draft.victim.phone} maxLength={32} onChange={(event) => change((old) => ({ ...old, victim: { ...old.victim, phone: event.target.value } }))} />}</Field>
                <Field className="s3" label={t("citizenId")} path="victim.citizen_id">{({ id, status, describedBy }) => <Input id={id} status={status} aria-describedby={describedBy} value={draft.victim.citizen_id} maxLength={24} onChange={(event) => change((old) => ({ ...old, victim: { ...old.victim, citizen_id: event.target.value } }))} />}</Field>
                <Field className="s3" label={t("homeRegion")} path="victim.region">{({ id, status }) => <Select id={id} status={status} {...searchable} value={draft.victim.region || undefined} options={regionChoices} onChange={(value) => change((old) => ({ ...old, victim: { ...old.victim, region: value ?? "" } }))} />}</Field>
              </div>
            </div>
            <div className="form-part">
              <h3>{t("casePart")}</h3>
              <div className="form-grid">
                <Field className="s3" must label={t("channel")} path="channel">{({ id, status }) => <Select id={id} status={status} value={draft.channel || undefined} options={choices(REPORT_CHANNELS)} onChange={(value) => change((old) => ({ ...old, channel: value }))} />}</Field>
                <Field className="s3" must label={t("scamType")} path="scam_type">{({ id, status }) => <Select id={id} status={status} {...searchable} popupMatchSelectWidth={240} value={draft.scam_type || undefined} options={types.all.map((type) => ({ value: type.code, label: type.name[lang] }))} onChange={(value) => change((old) => ({ ...old, scam_type: value ?? "" }))} />}</Field>
                <Field className="s3" label={t("region")} path="region" hint={t("regionHint")}>{({ id, status }) => <Select id={id} status={status} {...searchable} value={draft.region || undefined} options={regionChoices} onChange={(value) => change((old) => ({ ...old, region: value ?? "" }))} />}</Field>
                <Field className="s3" label={t("occurredAt")} path="occurred_at" hint={t("occurredHint")}>{({ id, status }) => <Input id={id} status={status} placeholder="2026-11-22 15:20" value={draft.occurred_at} maxLength={40} onChange={(event) => change((old) => ({ ...old, occurred_at: event.target.value }))} />}</Field>
              </div>
            </div>
            <div className="form-part" data-field="payments">
              <h3><span className="grow">{t("paymentPart")} {total.minor > 0 && <span className="muted" style={{ fontWeight: 400 }}>{t("total")} <MoneyText money={total} /></span>}</span>
                <Button size="small" onClick={() => change((old) => ({ ...old, payments: [...old.payments, emptyPayment()] }))}>＋ {t("addPayment")}</Button></h3>
              {faults.filter((fault) => fault.field === "payments").map((fault) => <div key={fault.code} className="field"><div className="fault">✕ {faultWords(fault, lang).what} <span className="remedy">{faultWords(fault, lang).remedy}</span></div></div>)}
              {draft.payments.map((row, index) => {
                const at = `payments[${index}]`;
                const money = parseMoney(row.amount, row.currency || "CNY");
                return (
                  // Rows have no identity of their own before they are submitted.
                  // oxlint-disable-next-line react/no-array-index-key
                  <div className="payment-block" key={index}>
                    <header><h4 className="grow">{t("paymentN", { n: index + 1 })}</h4>
                      {draft.payments.length > 1 && <button type="button" className="reveal" onClick={() => change((old) => ({ ...old, payments: old.payments.filter((_row, place) => place !== index) }))}>{t("removePayment")}</button>}</header>
                    <div className="form-grid">
                      <Field className="s4" must label={t("payeeAccount")} path={`${at}.payee_account`}>{({ id, status, describedBy }) => <Input id={id} status={status} aria-describedby={describedBy} value={row.payee_account} maxLength={48} onChange={(event) => setPayment(index, { payee_account: event.target.value })} />}</Field>
                      <Field className="s4" label={t("payeeName")} path={`${at}.payee_name`}>{({ id, status, describedBy }) => <Input id={id} status={status} aria-describedby={describedBy} value={row.payee_name} maxLength={64} onChange={(event) => setPayment(index, { payee_name: event.target.value })} />}</Field>
                      <Field className="s4" label={t("payeeBank")} path={`${at}.payee_bank`} hint={row.payee_bank === "" || banks.length === 0 || banks.some((bank) => bank.id === row.payee_bank) ? t("payeeBankHint") : t("notConnected")}>{({ id, status }) => <BankInput id={id} status={status} value={row.payee_bank} banks={banks} onChange={(bank) => setPayment(index, { payee_bank: bank })} />}</Field>
                      <Field className="s4" must label={t("amount")} path={`${at}.amount`} hint={money ? <>= {formatMoney(money)} {magnitude(money, lang) ?? ""}</> : t("amountHint")}>{({ id, status, describedBy }) => <Input id={id} status={status} aria-describedby={describedBy} inputMode="decimal" value={row.amount} maxLength={32} onChange={(event) => setPayment(index, { amount: event.target.value })} />}</Field>
                      <Field className="s4" must label={t("paidAt")} path={`${at}.paid_at`} hint={isDayOnly(row.paid_at) ? <span className="day-only">{t("paidAtDayOnly")}</span> : t("paidAtHint")}>{({ id, status, describedBy }) => <Input id={id} status={status} aria-describedby={describedBy} value={row.paid_at} maxLength={40} onChange={(event) => setPayment(index, { paid_at: event.target.value })} />}</Field>
                      <Field className="s2" label={t("howPaid")} path={`${at}.channel`}>{({ id, status }) => <Select id={id} status={status} allowClear popupMatchSelectWidth={150} value={row.channel || undefined} options={choices(MOVEMENT_CHANNELS).filter((choice) => !["fee", "interest", "unknown"].includes(choice.value))} onChange={(value) => setPayment(index, { channel: value ?? "" })} />}</Field>
                      <Field className="s2" label={t("reference")} path={`${at}.reference`}>{({ id, status }) => <Input id={id} status={status} value={row.reference} maxLength={64} onChange={(event) => setPayment(index, { reference: event.target.value })} />}</Field>
                      <Field className="s4" label={t("payerAccount")} path={`${at}.payer_account`}>{({ id, status, describedBy }) => <Input id={id} status={status} aria-describedby={describedBy} value={row.payer_account} maxLength={48} onChange={(event) => setPayment(index, { payer_account: event.target.value })} />}</Field>
                      <Field className="s4" label={t("payerName")} path={`${at}.payer_name`}>{({ id, status }) => <Input id={id} status={status} value={row.payer_name} maxLength={64} onChange={(event) => setPayment(index, { payer_name: event.target.value })} />}</Field>
                      <Field className="s4" label={t("payerBank")} path={`${at}.payer_bank`}>{({ id, status }) => <Select id={id} status={status} {...searchable} value={row.payer_bank || undefined} options={bankChoices} onChange={(value) => setPayment(index, { payer_bank: value ?? "" })} />}</Field>
                    </div>
                  </div>
                );
              })}
            </div>
            <div className="form-part" data-field="contacts">
              <h3><span className="grow">{t("contactPart")}</span><Button size="small" onClick={() => change((old) => ({ ...old, contacts: [...old.contacts, { kind: "phone", value: "" }] }))}>＋ {t("addContact")}</Button></h3>
              {draft.contacts.length === 0 && <p className="faint">{t("noContacts")}</p>}
              {draft.contacts.map((contact, index) => (
                // oxlint-disable-next-line react/no-array-index-key
                <div className="row" key={index} style={{ marginBottom: 6, alignItems: "flex-start" }}>
                  <Select aria-label={t("contactKind")} style={{ width: 130 }} value={contact.kind} options={choices(CONTACT_KINDS)} onChange={(kind) => change((old) => ({ ...old, contacts: old.contacts.map((one, at) => (at === index ? { ...one, kind } : one)) }))} />
                  <div className="grow">
                    <Field label={<span className="visually-hidden">{t("contactValue")}</span>} path={`contacts[${index}].value`}>{({ id, status }) => <Input id={id} status={status} placeholder={t("contactValue")} value={contact.value} maxLength={300} onChange={(event) => change((old) => ({ ...old, contacts: old.contacts.map((one, at) => (at === index ? { ...one, value: event.target.value } : one)) }))} />}</Field>
                  </div>
                  <Button aria-label={t("removePayment")} onClick={() => change((old) => ({ ...old, contacts: old.contacts.filter((_one, at) => at !== index) }))}>✕</Button>
                </div>
              ))}
            </div>
          </div>
          <div className="detail-foot">
            <div className="acts">
              <Button type="primary" loading={busy} onClick={() => void submit()}>{t("submit")} <kbd aria-hidden="true">Ctrl ↵</kbd></Button>
              <Button onClick={() => void leave()}>{t("saveDraft")} <kbd aria-hidden="true">Esc</kbd></Button>
              <span className="faint">{t("submitHint")}</span>
            </div>
          </div>
        </section>
      </div>
    </FaultScope>
  );
}
