/** A rule being written: faults at their place, features at hand, and a test on recorded calls before anything holds. */
import { App, Button, Input, InputNumber, Select, type InputRef } from "antd";
import { useEffect, useRef, useState } from "react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "react-router";
import { get, newIdempotencyKey, post, Problem, put } from "../../api/client";
import type { Fault, Page, RuleFeature, RuleInput, RuleTested, ScreeningRule, ScreeningRuleDetail } from "../../api/types";
import { FaultScope, Field, focusFault, strayFaults } from "../../shell/form";
import { formatCount, formatPhone } from "../../shell/format";
import { useLang, useT, useWord } from "../../shell/i18n";
import { useKeys } from "../../shell/keys";
import { Card, Fact, TimeText } from "../../shell/pieces";
import { faultWords, ProblemAlert } from "../../shell/problem";
import { SHELL } from "../../shell/texts";
import { ACTIONS, CHANNELS } from "../../words/screening";
import { CALL_ACTIONS, inserted, markedLine, MESSAGE_ACTIONS, offsetOf, placeOf } from "./model";
import { LABELS, REPORTS, RULES } from "./texts";
import "./rules.css";

const EMPTY: RuleInput = { name_zh: "", name_en: "", channel: "call", expression: "", action: "label", label: "scam", priority: 100, report: "whole" };
const HOURS = [1, 24, 72];

/** Every fault of the condition with the line that it is about; a press puts the cursor there. */
function ExpressionFaults({ text, faults, onGo }: { text: string; faults: Fault[]; onGo: (offset: number) => void }) {
  const lang = useLang();
  return (
    <div role="alert"><ul className="expression-faults">{faults.map((fault) => {
      const place = placeOf(fault);
      const said = faultWords(fault, lang);
      const marked = place && markedLine(text, place);
      return (
        <li key={`${fault.code}/${fault.en}`}>
          <button type="button" disabled={!place} onClick={() => place && onGo(offsetOf(text, place))}>✕ {said.what}</button> <span className="muted">{said.remedy}</span>
          {marked && <pre aria-hidden="true">{marked.line}{"\n"}<b>{marked.mark}</b></pre>}
        </li>
      );
    })}</ul></div>
  );
}

function Features({ channel, onInsert }: { channel: string; onInsert: (name: string) => void }) {
  const t = useT(RULES);
  const lang = useLang();
  const [find, setFind] = useState("");
  const all = useQuery({ queryKey: ["rule-features"], queryFn: async () => (await get<Page<RuleFeature>>("/rule-features")).items, staleTime: Number.POSITIVE_INFINITY }).data ?? [];
  const wanted = find.trim().toLowerCase();
  const shown = all.filter((one) => one.channel === channel && `${one.name} ${one.zh} ${one.en}`.toLowerCase().includes(wanted));
  return (
    <Card flush title={t("features")} extra={<Input size="small" style={{ width: 150 }} allowClear aria-label={t("featureFind")} placeholder={t("featureFind")} value={find} onChange={(event) => setFind(event.target.value)} />}>
      <div className="features" tabIndex={0}>
        {shown.length === 0 && <p className="faint" style={{ padding: "8px 12px" }}>{t("featureNone")}</p>}
        {shown.map((one) => (
          <button key={one.name} type="button" title={t("insert", { name: one.name })} onClick={() => onInsert(one.name)}>
            <span className="mono">{one.name}</span> <small>{one.kind}</small>
            <span className="muted">{one[lang]}</span>
            {one.words.length > 0 && <span className="faint mono">{one.words.map((word) => `"${word}"`).join(" ")}</span>}
          </button>
        ))}
      </div>
    </Card>
  );
}

function Tested({ result }: { result: RuleTested }) {
  const t = useT(RULES);
  const word = useWord();
  if (result.events === 0) return <Card title={t("tested")}><span className="faint">{t("testedNone")}</span></Card>;
  return (
    <Card title={t("tested")}>
      <dl className="facts">
        <Fact label={t("testedEvents")}>{formatCount(result.events)}</Fact>
        <Fact label={t("testedHits")}><strong>{formatCount(result.hits)}</strong></Fact>
        <Fact label={t("testedShare")}>{`${((result.hits / result.events) * 100).toPrecision(2)}%`}</Fact>
        <Fact label={t("testedCallers")}>{formatCount(result.callers)}</Fact>
        <Fact wide label={t("testedThen")}>{Object.entries(result.then).map(([action, count]) => `${word(ACTIONS, action || "pass")} ${formatCount(count)}`).join(" · ") || "—"}</Fact>
      </dl>
      {result.cut_short && <p className="muted">{t("testedCut")}</p>}
      {result.samples.length > 0 && (
        <div className="sheet-wrap" style={{ maxHeight: 240, marginTop: 8 }} tabIndex={0}>
          <table className="sheet"><thead><tr><th>{t("at")}</th><th>{t("caller")}</th><th>{t("callee")}</th><th>{t("then")}</th></tr></thead>
            <tbody>{result.samples.map((one) => <tr key={`${one.at}/${one.caller}/${one.callee}`}><td><TimeText at={one.at} shape="full" /></td><td>{formatPhone(one.caller)}</td><td>{formatPhone(one.callee)}</td><td>{word(ACTIONS, one.then || "pass")}</td></tr>)}</tbody>
          </table>
        </div>
      )}
    </Card>
  );
}

export function RuleForm({ id }: { id: number | null }) {
  const t = useT(RULES);
  const s = useT(SHELL);
  const lang = useLang();
  const word = useWord();
  const go = useNavigate();
  const client = useQueryClient();
  const { message } = App.useApp();
  const [form, setForm] = useState<RuleInput>(EMPTY);
  const [hours, setHours] = useState(24);
  const [key, setKey] = useState(newIdempotencyKey);
  const [busy, setBusy] = useState<"" | "check" | "test" | "save">("");
  const [error, setError] = useState<unknown>(null);
  const [fits, setFits] = useState(false);
  const [tested, setTested] = useState<RuleTested | null>(null);
  const box = useRef<InputRef | null>(null);
  const area = () => document.querySelector<HTMLTextAreaElement>("[data-field=expression] textarea");
  const earlier = useQuery({ queryKey: ["screening-rules", id], queryFn: () => get<ScreeningRuleDetail>(`/rules/${id}`), enabled: id !== null }).data;
  useEffect(() => {
    if (!earlier) return;
    const { name_zh, name_en, channel, expression, action, label, priority, report } = earlier;
    setForm({ name_zh, name_en, channel, expression, action, label, priority, report });
  }, [earlier]);
  const set = (part: Partial<RuleInput>) => { setForm((old) => ({ ...old, ...part })); setFits(false); };
  const faults = error instanceof Problem ? error.faults : [];
  const own = faults.filter((fault) => fault.field === "expression");
  const body = (): RuleInput => ({ ...form, label: form.action === "label" || form.action === "mark" ? (form.label ?? "scam") : undefined });
  const back = () => void go(id === null ? "/rules" : `/rules/${id}`);

  async function run(what: "check" | "test" | "save") {
    if (busy) return;
    setBusy(what);
    setError(null);
    setFits(false);
    if (what === "test") setTested(null);
    try {
      if (what === "check") {
        await post("/rules/check", body());
        setFits(true);
      } else if (what === "test") {
        setTested(await post<RuleTested>("/rules/test", { ...body(), hours }));
      } else {
        const made = id === null ? await post<ScreeningRule>("/rules", body(), key) : await put<ScreeningRule>(`/rules/${id}`, body());
        await client.invalidateQueries({ queryKey: ["screening-rules"] });
        void message.success(t("stepped", { act: t("save") }));
        void go(`/rules/${made.id}`);
      }
    } catch (problem) {
      setKey(newIdempotencyKey());
      setError(problem);
      if (problem instanceof Problem) setTimeout(() => focusFault(problem.faults), 30);
    } finally {
      setBusy("");
    }
  }
  function cursor(offset: number) {
    const field = area();
    field?.focus();
    field?.setSelectionRange(offset, offset);
  }
  function insert(name: string) {
    const next = inserted(form.expression, area()?.selectionStart ?? form.expression.length, name);
    set({ expression: next.text });
    setTimeout(() => cursor(next.at), 0);
  }
  useKeys({ "Ctrl-Enter": () => void run("save"), Escape: back });
  const actions: readonly string[] = form.channel === "call" ? CALL_ACTIONS : MESSAGE_ACTIONS;

  return (
    <FaultScope faults={faults}>
      <div className="detail-head"><h2>{id === null ? t("formNew") : t("formEdit", { id })}</h2>{id !== null && <span className="sub">{t("editHint")}</span>}</div>
      <div className="detail-body">
        <ProblemAlert error={own.length > 0 && faults.length === own.length ? null : error} faults={strayFaults(faults)} />
        <div className="rule-form">
          <div>
            <div className="card"><div className="body form-grid">
              <Field className="s6" must label={t("nameZh")} path="name_zh">{({ id: field, status }) => <Input ref={box} id={field} status={status} value={form.name_zh} maxLength={100} onChange={(event) => set({ name_zh: event.target.value })} />}</Field>
              <Field className="s6" must label={t("nameEn")} path="name_en">{({ id: field, status }) => <Input id={field} status={status} value={form.name_en} maxLength={100} onChange={(event) => set({ name_en: event.target.value })} />}</Field>
              <Field className="s3" must label={t("channel")} path="channel">{({ id: field, status }) => <Select id={field} status={status} disabled={id !== null} value={form.channel} onChange={(channel) => set({ channel, action: channel === "call" ? "label" : "mark" })} options={Object.entries(CHANNELS).map(([value, words]) => ({ value, label: words[lang] }))} />}</Field>
              <Field className="s5" must label={t("action")} path="action">{({ id: field, status }) => <Select id={field} status={status} value={form.action} onChange={(action) => set({ action })} options={actions.map((value) => ({ value, label: word(ACTIONS, value) }))} />}</Field>
              {(form.action === "label" || form.action === "mark") && <Field className="s4" label={t("label")} path="label">{({ id: field, status }) => <Select id={field} status={status} value={form.label ?? "scam"} onChange={(label) => set({ label })} options={Object.entries(LABELS).map(([value, words]) => ({ value, label: words[lang] }))} />}</Field>}
              <Field className="s3" must label={t("priority")} path="priority" hint={t("priorityHint")}>{({ id: field, status }) => <InputNumber id={field} status={status} min={-100000} max={100000} value={form.priority} onChange={(priority) => set({ priority: priority ?? 0 })} />}</Field>
              <Field className="s5" label={t("report")} path="report">{({ id: field, status }) => <Select id={field} status={status} value={form.report} onChange={(report) => set({ report })} options={Object.entries(REPORTS).map(([value, words]) => ({ value: value as NonNullable<RuleInput["report"]>, label: words[lang] }))} />}</Field>
              <div className="s12" data-field="expression">
                <label className="label" htmlFor="rule-expression">{t("expression")}<span className="must" title={s("must")}>*</span></label>
                <Input.TextArea id="rule-expression" className="mono" spellCheck={false} status={own.length > 0 ? "error" : ""} autoSize={{ minRows: 5, maxRows: 14 }} maxLength={8192} value={form.expression} onChange={(event) => set({ expression: event.target.value })} />
                {own.length > 0 && <ExpressionFaults text={form.expression} faults={own} onGo={cursor} />}
                {fits && <p style={{ color: "var(--green)", marginTop: 4 }} role="status">✓ {t("fits")}</p>}
              </div>
            </div></div>
            {tested && <Tested result={tested} />}
          </div>
          <Features channel={form.channel} onInsert={insert} />
        </div>
      </div>
      <div className="detail-foot"><div className="acts">
        <Button type="primary" loading={busy === "save"} onClick={() => void run("save")}>{t("save")} <kbd aria-hidden="true">Ctrl ↵</kbd></Button>
        <Button loading={busy === "check"} onClick={() => void run("check")}>{t("check")}</Button>
        <Button loading={busy === "test"} onClick={() => void run("test")}>{t("test")}</Button>
        <Select size="middle" style={{ width: 130 }} aria-label={t("test")} value={hours} onChange={setHours} options={HOURS.map((value) => ({ value, label: t("testHours", { n: value }) }))} />
        <span className="grow" />
        <Button onClick={back}>{s("cancel")} <kbd aria-hidden="true">Esc</kbd></Button>
      </div></div>
    </FaultScope>
  );
}
