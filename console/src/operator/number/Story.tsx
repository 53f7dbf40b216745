/** One number's story at the carrier (号码全貌). The number, or the key that stands for it, never enters an address. */
import { Button, Input, Select } from "antd";
import { useEffect, useState } from "react";
import { useMutation } from "@tanstack/react-query";
import { Link, useLocation, useNavigate } from "react-router";
import { post, Problem } from "../../api/client";
import type { CarrierStory, NumberChecked } from "../../api/types";
import { Actor } from "../../shell/Actor";
import { FaultScope, Field, strayFaults } from "../../shell/form";
import { formatCount, formatLeft, formatPhone } from "../../shell/format";
import { useLang, useT, useWord } from "../../shell/i18n";
import { Card, Chip, Fact, PhoneText, StateChip, TimeText } from "../../shell/pieces";
import { ProblemAlert } from "../../shell/problem";
import { useSession } from "../../shell/session";
import { Empty } from "../../shell/views";
import { answerLook, LINE_ANSWERS } from "../../words/line";
import { ACTIONS, reasonWords, stops, TRUNKS } from "../../words/screening";
import { ListAction, Pattern, Source, Words } from "../pieces";
import { useRuleNames } from "../rules/names";
import { APPEAL_LOOKS, APPEAL_STATES, ENTRY_LOOKS, ENTRY_STATES, MEASURE_LOOKS, MEASURE_STATES } from "../texts";
import { NUMBER, NUMBER_KINDS, WAYS } from "./texts";
import "./number.css";

interface Asked {
  number?: string;
  key?: string;
}
const DAYS = [1, 7, 30, 180];

function Decision({ decision }: { decision: NumberChecked["decision"] }) {
  const t = useT(NUMBER);
  const lang = useLang();
  const word = useWord();
  const names = useRuleNames();
  const stopped = stops(decision.action);
  return (
    <div className="row-wrap">
      <Chip tone={stopped ? "red" : decision.action === "pass" ? "green" : "amber"} sign={stopped ? "✕" : decision.action === "pass" ? "✓" : "◔"}>{word(ACTIONS, decision.action)}</Chip>
      <span>{reasonWords(decision.by || decision.reason, lang, names)}</span>
      {decision.shadow_hits > 0 && <span className="muted">{t("shadowHits", { n: decision.shadow_hits })}</span>}
    </div>
  );
}

/** A call that is only thought of: nothing is counted by it. */
function Judge({ typed }: { typed: string }) {
  const t = useT(NUMBER);
  const lang = useLang();
  const [callee, setCallee] = useState("");
  const [trunk, setTrunk] = useState("foreign");
  const judge = useMutation({ mutationFn: () => post<NumberChecked>("/numbers/check", { caller: typed, ...(callee.trim() ? { callee: callee.trim() } : {}), trunk_kind: trunk }) });
  return (
    <>
      <form className="row-wrap" style={{ marginTop: 8 }} onSubmit={(event) => { event.preventDefault(); judge.mutate(); }}>
        <span className="muted">{t("what")}</span>
        <Select size="small" style={{ width: 124 }} aria-label={t("trunk")} value={trunk} onChange={setTrunk} options={Object.entries(TRUNKS).map(([value, words]) => ({ value, label: words[lang] }))} />
        <Input size="small" style={{ width: 150 }} aria-label={t("callee")} placeholder={t("callee")} value={callee} maxLength={32} onChange={(event) => setCallee(event.target.value)} />
        <Button size="small" htmlType="submit" loading={judge.isPending}>{t("judge")}</Button>
      </form>
      <ProblemAlert error={judge.error} />
      {judge.data && <div style={{ marginTop: 6 }} role="status"><Decision decision={judge.data.decision} /></div>}
    </>
  );
}

function Shown({ story, typed, onAsk }: { story: CarrierStory; typed: string; onAsk: (asked: Asked) => void }) {
  const t = useT(NUMBER);
  const lang = useLang();
  const word = useWord();
  const go = useNavigate();
  const { may } = useSession();
  const names = useRuleNames();
  const { sums } = story;
  const none = <p className="faint" style={{ padding: "8px 12px" }}>{t("none")}</p>;
  return (
    <>
      <div className="row-wrap" style={{ margin: "2px 0 10px" }}>
        <h2 style={{ fontSize: 20 }}><PhoneText value={story.number} /></h2><Chip>{word(NUMBER_KINDS, story.kind)}</Chip>
        {story.emergency && <Chip tone="accent" sign="■">{t("emergency")}</Chip>}
        <span className="grow" />
        {typed && may("operator.lists.write") && <Button size="small" onClick={() => void go("/list/new", { state: { number: typed } })}>{t("toList")}</Button>}
      </div>
      <div className="cols">
        <Card title={t("now")}><Decision decision={story.now} />{typed && <Judge typed={typed} />}</Card>
        <Card title={t("sums")}>
          <dl className="facts">
            <Fact label={t("callsOut")}><strong>{formatCount(sums.calls_out)}</strong>{sums.calls_out_stopped > 0 && <span style={{ color: "var(--red)" }}> · {t("callsStopped")} {formatCount(sums.calls_out_stopped)}</span>}</Fact>
            <Fact label={t("reached")}>{formatCount(sums.reached)}</Fact>
            <Fact label={t("callsIn")}>{formatCount(sums.calls_in)}</Fact>
            <Fact label={t("messagesOut")}>{formatCount(sums.messages_out)}{sums.messages_out_stopped > 0 && <span style={{ color: "var(--red)" }}> · {t("callsStopped")} {formatCount(sums.messages_out_stopped)}</span>}</Fact>
            <Fact label={t("messagesIn")}>{formatCount(sums.messages_in)}</Fact>
          </dl>
        </Card>
      </div>
      <Card flush title={t("said")}>
        {story.said.length === 0 ? <p className="faint" style={{ padding: "8px 12px" }}>{t("saidNone")}</p> : (
          <table className="sheet">
            <thead><tr><th>{t("number")}</th><th>{t("action")}</th><th>{t("reason")}</th><th>{t("source")}</th><th>{t("expires")}</th></tr></thead>
            <tbody>{story.said.map((one) => <tr key={`${one.number}/${one.action}/${one.source}`}><td><Pattern number={one.number} shape={one.shape} /></td><td><ListAction action={one.action} /></td><td>{one.reason}</td><td><Source source={one.source} /> {one.case_number && !one.source.includes(one.case_number) && <span className="faint">{one.case_number}</span>}</td><td>{one.over ? <Chip>{t("over")}</Chip> : <TimeText at={one.expires_at} />}</td></tr>)}</tbody>
          </table>
        )}
      </Card>
      {story.entries.length > 0 && (
        <Card flush title={t("entries")}>
          <table className="sheet"><thead><tr><th>{t("number")}</th><th>{t("action")}</th><th>{t("state")}</th><th>{t("reason")}</th><th>{t("addedBy")}</th><th>{t("addedAt")}</th></tr></thead><tbody>{story.entries.map((one) => <tr key={one.id}><td><Link to={`/list/${one.id}`}><Pattern number={one.number} shape={one.shape} /></Link></td><td><ListAction action={one.action} /></td><td><StateChip words={ENTRY_STATES} looks={ENTRY_LOOKS} state={one.state} /></td><td>{one.reason}</td><td><Actor who={one.created_by} /></td><td><TimeText at={one.created_at} /></td></tr>)}</tbody></table>
        </Card>
      )}
      <div className="cols three">
        {story.orders && <Card flush title={`${t("orders")} · ${story.orders.length}`}>{story.orders.length === 0 ? none : <table className="sheet"><tbody>{story.orders.map((one) => <tr key={one.id}><td><Link to={`/lines/${one.id}`}>{one.number}</Link><br /><span className="muted"><Words words={one.kind_words} fallback={one.kind} /></span></td><td>{one.code && <Chip {...answerLook(one.code)}>{word(LINE_ANSWERS, one.code)}</Chip>}<br /><TimeText at={one.received_at} shape="short" /></td></tr>)}</tbody></table>}</Card>}
        {story.measures && <Card flush title={`${t("measures")} · ${story.measures.length}`}>{story.measures.length === 0 ? none : <table className="sheet"><tbody>{story.measures.map((one) => <tr key={one.id}><td><Words words={one.kind_words} /><br /><span className="muted">{one.case_number}</span></td><td><StateChip words={MEASURE_STATES} looks={MEASURE_LOOKS} state={one.state} /><br /><TimeText at={one.until} shape="short" /></td></tr>)}</tbody></table>}</Card>}
        {story.appeals && <Card flush title={`${t("appeals")} · ${story.appeals.length}`}>{story.appeals.length === 0 ? none : <table className="sheet"><tbody>{story.appeals.map((one) => <tr key={one.id}><td><Link to={`/appeals/${one.id}`}>{one.number}</Link><br /><TimeText at={one.made_at} shape="short" /></td><td><StateChip words={APPEAL_STATES} looks={APPEAL_LOOKS} state={one.state} /></td></tr>)}</tbody></table>}</Card>}
      </div>
      <Card flush title={<>{t("records")} {story.more && <span className="muted" style={{ fontWeight: 400 }}>{t("recordsMore", { n: story.records.length })}</span>}</>}>
        {story.records.length === 0 ? <p className="faint" style={{ padding: "8px 12px" }}>{t("recordsNone")}</p> : (
          <div className="sheet-wrap bare" style={{ maxHeight: 460 }} tabIndex={0}>
            <table className="sheet">
              <thead><tr><th>{t("time")}</th><th>{t("way")}</th><th>{t("other")}</th><th>{t("action")}</th><th>{t("reason")}</th><th>{t("entry")}</th><th className="num">{t("talked")}</th></tr></thead>
              {/* Records have no identity of their own; their order does not change. */}
              <tbody>{story.records.map((one, index) => (
                // oxlint-disable-next-line react/no-array-index-key
                <tr key={index}>
                  <td><TimeText at={one.at} shape="full" /></td>
                  <td className="nowrap">{word(WAYS, `${one.kind}_${one.direction}`)}</td>
                  <td>{one.other_key ? <button type="button" className="reveal" style={{ fontSize: 13 }} onClick={() => onAsk({ key: one.other_key ?? "" })}>{formatPhone(one.other)}</button> : one.other}</td>
                  <td>{one.kind === "call_end" ? <span className="faint">—</span> : <span style={stops(one.action) ? { color: "var(--red)" } : undefined}>{word(ACTIONS, one.action || "pass")}</span>}</td>
                  <td>{one.by || one.reason ? reasonWords(one.by || one.reason, lang, names) : ""} <span className="faint">{one.class}</span></td>
                  <td className="nowrap">{one.trunk_kind ? word(TRUNKS, one.trunk_kind) : <span className="faint">—</span>}</td>
                  <td className="num">{one.cut ? <span style={{ color: "var(--red)" }}>{t("cut")}</span> : one.answered ? formatLeft(one.talked_seconds * 1000, lang) : <span className="faint">—</span>}</td>
                </tr>
              ))}</tbody>
            </table>
          </div>
        )}
      </Card>
    </>
  );
}

export default function Story() {
  const t = useT(NUMBER);
  const { state } = useLocation() as { state: Asked | null };
  const [number, setNumber] = useState("");
  const [days, setDays] = useState(7);
  const [asked, setAsked] = useState<Asked>(state ?? {});
  const ask = useMutation({ mutationFn: (of: Asked) => post<CarrierStory>("/numbers", { ...of, days }) });
  const look = (of: Asked) => {
    setAsked(of);
    if (of.key) setNumber("");
    ask.mutate(of);
  };
  useEffect(() => {
    if (asked.key || asked.number) ask.mutate(asked);
    // Asked again when the period changes; what is asked for changes by `look` alone.
    // oxlint-disable-next-line react/exhaustive-deps
  }, [days]);
  const faults = ask.error instanceof Problem ? ask.error.faults : [];
  return (
    <div className="page">
      <div className="page-head"><h1>{t("title")}</h1><span className="faint">{t("about")}</span></div>
      <FaultScope faults={faults}>
        <ProblemAlert error={faults.length > 0 ? null : ask.error} faults={strayFaults(faults)} />
        <form className="number-ask" onSubmit={(event) => { event.preventDefault(); if (number.trim()) look({ number: number.trim() }); }}>
          <Field className="" label={t("input")} path="number">{({ id, status }) => <Input id={id} status={status} autoFocus inputMode="tel" autoComplete="off" maxLength={40} value={number} onChange={(event) => setNumber(event.target.value)} />}</Field>
          <Field className="" label={t("period")}>{({ id }) => <Select id={id} style={{ width: 130 }} value={days} onChange={setDays} options={DAYS.map((value) => ({ value, label: t("days", { n: value }) }))} />}</Field>
          <Button htmlType="submit" type="primary" loading={ask.isPending}>{t("ask")}</Button>
        </form>
      </FaultScope>
      {ask.data ? <Shown story={ask.data} typed={asked.number ?? ""} onAsk={look} /> : !ask.isPending && <Empty icon="story" title={t("pick")} hint={t("pickHint")} />}
    </div>
  );
}
