/** The live screen (实时拦截): what is attempted and stopped now, why, by whom, and how long a decision takes. Also for a wall. */
import { Button, Segmented } from "antd";
import { lazy, Suspense, useEffect, useMemo, useState, type CSSProperties, type ReactNode } from "react";
import { useNavigate, useSearchParams } from "react-router";
import type { LiveView } from "../../api/types";
import { formatAge, formatCount, formatPhone, formatTime } from "../../shell/format";
import { useLang, useT, useWord } from "../../shell/i18n";
import { useKeys } from "../../shell/keys";
import { useNow } from "../../shell/time";
import { Guard, Loading } from "../../shell/views";
import { ACTIONS, CHANNELS, reasonWords, STOPPED, stops } from "../../words/screening";
import { useRuleNames } from "../rules/names";
import { useFigures } from "./figures";
import { filled, formatBytes, formatNanos, scaleOf, share } from "./model";
import { LIVE } from "./texts";
import "./live.css";

const Chart = lazy(() => import("../../shell/Chart"));
const clock = (ms: number) => formatTime(ms, "clock");
const minute = (ms: number) => formatTime(ms, "clock").slice(0, 5);
const grouped = (n: number) => formatCount(n);
/** Past these the figures on the screen are no longer "now". */
const STALE_MS = 5_000;

function Big({ label, value, note, tone }: { label: string; value: ReactNode; note?: ReactNode; tone?: "red" | "amber" }) {
  return <div className={`big-figure ${tone ?? ""}`}><dt>{label}</dt><dd>{value}</dd><dd className="note-line">{note}</dd></div>;
}

function Figures({ view, scale }: { view: LiveView; scale: number }) {
  const t = useT(LIVE);
  const means = useT(STOPPED);
  const lang = useLang();
  const word = useWord();
  const go = useNavigate();
  const names = useRuleNames();
  const [unit, setUnit] = useState<"second" | "minute">("second");
  const now = Date.parse(view.at);
  const rows = useMemo(() => (unit === "second" ? filled(view.seconds, now, 1_000, 120) : filled(view.minutes, now, 60_000, 120)), [view, unit, now]);
  const series = useMemo(() => [
    { name: t("attempts"), colour: "accent" as const, kind: "line" as const, points: rows.map((row): [number, number] => [row.at, row.calls]) },
    { name: t("stopped"), colour: "red" as const, kind: "area" as const, points: rows.map((row): [number, number] => [row.at, row.stopped]) },
    { name: t("labelled"), colour: "amber" as const, kind: "line" as const, points: rows.map((row): [number, number] => [row.at, row.labelled]) },
  ], [rows, t]);
  const hour = view.last_hour;
  const wrong = view.false_blocks;
  const age = view.centre_list_age_seconds;
  return (
    <>
      <dl className="big-figures">
        <Big label={t("calls")} value={grouped(view.last_second.calls)} note={`${t("callsHour")} ${grouped(hour.calls)}`} />
        <Big tone="red" label={t("stoppedHour")} value={grouped(hour.calls_stopped)} note={[t("ofAttempts", { n: share(hour.calls_stopped, hour.calls) }), t("labelledHour", { n: grouped(hour.calls_labelled) }), hour.cut > 0 && t("cut", { n: hour.cut })].filter(Boolean).join(" · ")} />
        <Big label={t("messagesHour")} value={grouped(hour.messages)} note={t("messagesStopped", { n: grouped(hour.messages_stopped), marked: grouped(hour.messages_marked) })} />
        <Big label={t("decision")} value={view.latency.max_ns === 0 ? "—" : formatNanos(view.latency.p99_ns)} note={view.latency.max_ns === 0 ? t("quiet") : t("decisionNote", { p50: formatNanos(view.latency.p50_ns), max: formatNanos(view.latency.max_ns) })} />
        <Big tone={wrong.granted > 0 ? "amber" : undefined} label={t("falseBlocks")} value={wrong.per_million === null || wrong.per_million === undefined ? "—" : grouped(Number(wrong.per_million.toFixed(wrong.per_million < 10 ? 1 : 0)))} note={`${t("perMillion")} · ${t("falseBlocksNote", { days: wrong.days, stopped: grouped(wrong.stopped), granted: wrong.granted })}`} />
        <Big label={t("listAge")} value={age === null || age === undefined ? "—" : formatAge(age * 1000, lang)} note={age === null || age === undefined ? t("noList") : t("listAgeNote")} />
      </dl>
      <p className="faint">{means("means")}</p>
      {view.events_dropped > 0 && <div className="note amber" role="status">⚠ {t("dropped", { n: grouped(view.events_dropped) })}</div>}
      <div className="live-body">
        <section className="live-chart card">
          <header><h2>{t("chart", { unit: t(unit) })}</h2><span className="spacer" /><Segmented<"second" | "minute"> size={scale > 1.5 ? "large" : "small"} value={unit} onChange={setUnit} options={[{ value: "second", label: t("second") }, { value: "minute", label: t("minute") }]} /></header>
          <div className="chart-room"><Guard><Suspense fallback={<Loading lines={6} />}><Chart series={series} scale={scale} timeText={unit === "second" ? clock : minute} label={`${t("chart", { unit: t(unit) })}: ${t("attempts")} ${grouped(hour.calls)}, ${t("stopped")} ${grouped(hour.calls_stopped)}`} /></Suspense></Guard></div>
        </section>
        <section className="card live-reasons">
          <header><h2>{t("reasons")}</h2></header>
          <div className="scroll" tabIndex={0}>
            {view.reasons.length === 0 ? <p className="faint" style={{ padding: 12 }}>{t("quiet")}</p> : (
              <table className="sheet"><thead><tr><th>{t("reason")}</th><th>{t("done")}</th><th className="num">{t("count")}</th></tr></thead>
                <tbody>{view.reasons.slice(0, 14).map((one) => <tr key={`${one.channel}/${one.action}/${one.reason}`}><td><span className="faint">{word(CHANNELS, one.channel)}</span> {reasonWords(one.reason, lang, names)}</td><td><span style={{ color: stops(one.action) ? "var(--red)" : "var(--ink-2)" }}>{word(ACTIONS, one.action)}</span></td><td className="num">{grouped(one.count)}</td></tr>)}</tbody>
              </table>
            )}
          </div>
        </section>
        <section className="card live-callers">
          <header><h2>{t("topCallers")}</h2></header>
          <div className="scroll" tabIndex={0}>
            {view.top_callers.length === 0 ? <p className="faint" style={{ padding: 12 }}>{t("quiet")}</p> : (
              <table className="sheet"><thead><tr><th>{t("caller")}</th><th className="num">{t("tried")}</th><th className="num">{t("stopped")}</th></tr></thead>
                <tbody>{view.top_callers.map((one) => (
                  <tr key={one.key}><td><button type="button" className="reveal" style={{ fontSize: "inherit" }} title={t("story")} onClick={() => void go("/number", { state: { key: one.key } })}>{formatPhone(one.caller)}</button></td><td className="num">{grouped(one.attempts)}</td><td className="num">{one.stopped > 0 ? <strong style={{ color: "var(--red)" }}>{grouped(one.stopped)}</strong> : <span className="faint">0</span>}</td></tr>
                ))}</tbody>
              </table>
            )}
          </div>
        </section>
      </div>
      <p className="live-foot faint">{t("records", { files: grouped(view.records.files), size: formatBytes(view.records.bytes) })}</p>
    </>
  );
}

export default function Live() {
  const t = useT(LIVE);
  const lang = useLang();
  const now = useNow();
  const { figures, heardAt, lost } = useFigures();
  const [params, setParams] = useSearchParams();
  const wall = params.has("wall");
  const [size, setSize] = useState({ width: window.innerWidth, height: window.innerHeight });
  useEffect(() => {
    const measure = () => setSize({ width: window.innerWidth, height: window.innerHeight });
    window.addEventListener("resize", measure);
    return () => window.removeEventListener("resize", measure);
  }, []);
  const setWall = (on: boolean) => setParams(on ? { wall: "1" } : {}, { replace: true });
  useKeys({ Escape: () => wall && setWall(false), w: () => setWall(!wall) });
  const scale = wall ? scaleOf(size.width, size.height) : 1;
  const age = Date.now() - heardAt;
  const stale = figures !== null && (lost || age > STALE_MS);
  return (
    <div className={wall ? "live wall" : "live"} style={{ "--u": scale } as CSSProperties}>
      <div className="page-head">
        <h1>{t("title")}</h1>
        {wall && <span className="clock">{formatTime(now, "full")}</span>}
        <span className="spacer" />
        <Button size={scale > 1.5 ? "large" : "small"} onClick={() => setWall(!wall)}>{wall ? t("leaveWall") : t("wall")} <kbd aria-hidden="true">{wall ? "Esc" : "W"}</kbd></Button>
      </div>
      {stale && <div className="lost" role="alert">⚠ {t("stale", { age: formatAge(age, lang) })}</div>}
      {figures ? <Figures view={figures} scale={scale} /> : <p className="muted" role="status">{t("waiting")}</p>}
    </div>
  );
}
