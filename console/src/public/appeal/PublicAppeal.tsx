/** The public appeal page: whoever was stopped says why that is wrong, and asks how it stands. Phone first. */
import { useEffect, useRef, useState } from "react";
import { useQuery } from "@tanstack/react-query";
import { get, newIdempotencyKey, post, Problem } from "../../api/client";
import type { Fault, PublicAppealState, Seat } from "../../api/types";
import { formatTime } from "../../shell/format";
import { useLang, useT } from "../../shell/i18n";
import { ProblemAlert } from "../../shell/problem";
import { Ask, PublicFrame } from "../pieces";
import { APPEAL } from "./texts";

function stray(faults: Fault[], known: string[]): Fault[] {
  return faults.filter((fault) => !known.includes(fault.field));
}

function State({ appeal }: { appeal: PublicAppealState }) {
  const t = useT(APPEAL);
  const lang = useLang();
  return (
    <dl className="check" role="status">
      <div><dt>{t("stateNow")}</dt><dd><strong>{appeal.words[lang]}</strong></dd></div>
      <div><dt>{t("madeAt")}</dt><dd>{formatTime(appeal.made_at)}</dd></div>
      {appeal.decided_at && <div><dt>{t("decidedAt")}</dt><dd>{formatTime(appeal.decided_at)}</dd></div>}
      {appeal.reason && <div><dt>{t("reason")}</dt><dd>{appeal.reason}</dd></div>}
    </dl>
  );
}

/** Only who knows both the reference and the number is told. */
function AskState({ known }: { known: { number: string; caller: string } }) {
  const t = useT(APPEAL);
  const [number, setNumber] = useState(known.number);
  const [caller, setCaller] = useState(known.caller);
  const [found, setFound] = useState<PublicAppealState | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const faults = error instanceof Problem ? error.faults : [];
  async function ask() {
    if (busy) return;
    setBusy(true);
    setError(null);
    setFound(null);
    try {
      setFound(await post<PublicAppealState>("/public/appeals/state", { number: number.trim(), caller: caller.trim() }));
    } catch (problem) {
      setError(problem);
    } finally {
      setBusy(false);
    }
  }
  return (
    <form className="public-card" style={{ marginTop: 14 }} noValidate onSubmit={(event) => { event.preventDefault(); void ask(); }}>
      <h2>{t("askTitle")}</h2>
      <ProblemAlert error={error} faults={stray(faults, ["number", "caller"])} />
      <Ask label={t("askNumber")} path="number" faults={faults}>{(control) => <input {...control} autoComplete="off" maxLength={32} value={number} onChange={(event) => setNumber(event.target.value)} />}</Ask>
      <Ask label={t("caller")} path="caller" faults={faults}>{(control) => <input {...control} type="tel" inputMode="tel" autoComplete="off" maxLength={32} value={caller} onChange={(event) => setCaller(event.target.value)} />}</Ask>
      <button type="submit" className="big quiet" disabled={busy || !number.trim() || !caller.trim()}>{t("ask")}</button>
      {found && <State appeal={found} />}
    </form>
  );
}

export default function PublicAppeal() {
  const t = useT(APPEAL);
  const lang = useLang();
  const [form, setForm] = useState({ caller: "", words: "", contact: "" });
  const [faults, setFaults] = useState<Fault[]>([]);
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const [done, setDone] = useState<PublicAppealState | null>(null);
  const [key, setKey] = useState(newIdempotencyKey);
  const top = useRef<HTMLHeadingElement>(null);
  const seat = useQuery({ queryKey: ["seat"], queryFn: () => get<Seat>("/seat"), staleTime: Number.POSITIVE_INFINITY }).data;
  const set = (part: Partial<typeof form>) => setForm((old) => ({ ...old, ...part }));
  useEffect(() => {
    document.title = t("title");
    // oxlint-disable-next-line react/exhaustive-deps
  }, [lang]);
  useEffect(() => {
    if (done) top.current?.focus();
  }, [done]);

  async function send() {
    if (busy) return;
    const missing = (["caller", "words"] as const).filter((field) => !form[field].trim()).map((field) => ({ field, code: "public.must", zh: APPEAL.must.zh, en: APPEAL.must.en }));
    setFaults(missing);
    setError(null);
    if (missing.length > 0) {
      setTimeout(() => document.querySelector<HTMLElement>(".ask.wrong input, .ask.wrong textarea")?.focus(), 0);
      return;
    }
    setBusy(true);
    try {
      setDone(await post<PublicAppealState>("/public/appeals", { caller: form.caller.trim(), words: form.words.trim(), ...(form.contact.trim() ? { contact: form.contact.trim() } : {}) }, key));
    } catch (problem) {
      setError(problem);
      if (problem instanceof Problem) {
        if (problem.status !== 0) setKey(newIdempotencyKey());
        setFaults(problem.faults);
      }
    } finally {
      setBusy(false);
    }
  }

  if (seat && seat.seat !== "operator") return <PublicFrame name={t("name")}><section className="public-card"><h1>{t("notHere")}</h1><p>{t("notHereHint")}</p></section></PublicFrame>;
  const strays = stray(faults, ["caller", "words", "contact"]);
  return (
    <PublicFrame name={seat?.name[lang] ?? t("name")}>
      {done ? (
        <section className="public-card done">
          <h1 ref={top} tabIndex={-1}><span aria-hidden="true">✓</span> {t("doneTitle")}</h1>
          <p className="ask-hint">{t("doneNumber")}</p>
          <p className="big-number">{done.number}</p>
          <p style={{ marginBottom: 14 }}>{t("doneKeep")}</p>
          <button type="button" className="big quiet" onClick={() => { setForm({ caller: "", words: "", contact: "" }); setDone(null); setKey(newIdempotencyKey()); }}>{t("again")}</button>
        </section>
      ) : (
        <form className="public-card" noValidate onSubmit={(event) => { event.preventDefault(); void send(); }}>
          <h1 ref={top} tabIndex={-1}>{t("title")}</h1>
          <p style={{ marginBottom: 14 }}>{t("about")}</p>
          {Boolean(error) && (strays.length > 0 || faults.length === 0) && <ProblemAlert error={error} faults={strays} />}
          <Ask label={t("caller")} hint={t("callerHint")} path="caller" faults={faults}>{(control) => <input {...control} type="tel" inputMode="tel" autoComplete="off" maxLength={32} value={form.caller} onChange={(event) => set({ caller: event.target.value })} />}</Ask>
          <Ask label={t("words")} hint={t("wordsHint")} path="words" faults={faults}>{(control) => <textarea {...control} rows={5} maxLength={2000} value={form.words} onChange={(event) => set({ words: event.target.value })} />}</Ask>
          <Ask label={t("contact")} hint={t("contactHint")} path="contact" faults={faults}>{(control) => <input {...control} autoComplete="off" maxLength={100} value={form.contact} onChange={(event) => set({ contact: event.target.value })} />}</Ask>
          <button type="submit" className="big primary" disabled={busy}>{t("send")}</button>
          <p className="ask-hint" style={{ marginTop: 10 }}>{t("privacy")}</p>
        </form>
      )}
      <AskState key={done?.number ?? ""} known={{ number: done?.number ?? "", caller: done ? form.caller : "" }} />
    </PublicFrame>
  );
}
