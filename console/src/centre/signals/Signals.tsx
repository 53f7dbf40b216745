/** The signals desk (拦截信号): what operators saw by hour, why they stopped it, and the latest hits. */
import { Button, Segmented, Select } from "antd";
import { lazy, Suspense, useMemo, useState } from "react";
import { keepPreviousData, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { get } from "../../api/client";
import type { Page, SignalBoard, SignalHit } from "../../api/types";
import { formatCount, formatTime } from "../../shell/format";
import { useLang, useT, useWord } from "../../shell/i18n";
import { usePartners } from "../../shell/partners";
import { Card, CardLevel, Chip, PhoneText, TimeText } from "../../shell/pieces";
import { serverNow } from "../../shell/time";
import { Guard, Loading, QueryView } from "../../shell/views";
import { CHANNELS, reasonWords, STOPPED } from "../../words/screening";
import { HitTable } from "./HitTable";
import { byHour, byReason, ruleTitle } from "./model";
import { SIGNAL_REASONS, SIGNALS } from "./texts";
import "./signals.css";

const Chart = lazy(() => import("../../shell/Chart"));
const HITS_PAGE = 100;
const clock = (ms: number) => formatTime(ms, "short").slice(6);
const day = (ms: number) => formatTime(ms, "short");

function Board({ board, hours }: { board: SignalBoard; hours: number }) {
  const t = useT(SIGNALS);
  const means = useT(STOPPED);
  const lang = useLang();
  const word = useWord();
  const { nameOf } = usePartners();
  const sums = useMemo(() => byHour(board.hours, serverNow(), hours), [board, hours]);
  const reasons = useMemo(() => byReason(board.hours).slice(0, 12), [board]);
  const total = (key: "stopped" | "warned") => sums.reduce((all, one) => all + one[key], 0);
  const series = useMemo(() => [
    { name: t("stopped"), colour: "red" as const, kind: "bar" as const, stack: "hits", points: sums.map((one): [number, number] => [one.at, one.stopped]) },
    { name: t("warned"), colour: "amber" as const, kind: "bar" as const, stack: "hits", points: sums.map((one): [number, number] => [one.at, one.warned]) },
    // The texts change with the language, and with it the function.
  ], [sums, t]);
  return (
    <>
      <Card title={t("chart", { stopped: total("stopped"), warned: total("warned") })}>
        <Guard><Suspense fallback={<Loading lines={6} />}><Chart height={220} series={series} label={t("chart", { stopped: total("stopped"), warned: total("warned") })} timeText={hours > 24 ? day : clock} /></Suspense></Guard>
        <p className="faint">{means("means")}</p>
      </Card>
      <Card flush title={t("operators")}>
        {board.operators.length === 0 ? <p className="faint" style={{ padding: "8px 12px" }}>{t("noOperators")}</p> : (
          <table className="sheet">
            <thead><tr><th>{t("operator")}</th><th className="num">{t("seen")}</th><th className="num">{t("stopped")}</th><th className="num">{t("share")}</th><th className="num">{t("lost")}</th><th className="num">{t("listNumber")}</th><th>{t("upTo")}</th></tr></thead>
            <tbody>{board.operators.map((one) => (
              <tr key={one.partner}>
                <td className="strong">{nameOf(one.partner, one.name)}</td><td className="num">{formatCount(one.seen)}</td><td className="num">{formatCount(one.stopped)}</td>
                <td className="num">{one.seen > 0 ? `${((one.stopped / one.seen) * 100).toFixed(2)}%` : "—"}</td>
                <td className="num">{one.hits_lost > 0 ? <span style={{ color: "var(--red)" }}>{one.hits_lost}</span> : 0}</td><td className="num">{one.list_number ?? "—"}</td>
                <td>{one.up_to ? <TimeText at={one.up_to} shape="full" /> : <Chip sign="○">{t("never")}</Chip>}</td>
              </tr>
            ))}</tbody>
          </table>
        )}
      </Card>
      <div className="cols">
        <Card flush title={t("byReason")}>
          {reasons.length === 0 ? <p className="faint" style={{ padding: "8px 12px" }}>{t("none")}</p> : (
            <table className="sheet">
              <thead><tr><th>{t("channel")}</th><th>{t("reason")}</th><th className="num">{t("count")}</th></tr></thead>
              <tbody>{reasons.map((one) => <tr key={`${one.channel}/${one.reason}/${one.detail}/${one.partner ?? ""}`}><td>{word(CHANNELS, one.channel)}</td><td>{one.detail ? ruleTitle(one.rule, lang) ?? reasonWords(one.detail, lang) : word(SIGNAL_REASONS, one.reason)}</td><td className="num">{formatCount(one.count)}</td></tr>)}</tbody>
            </table>
          )}
        </Card>
        <Card flush title={t("topCallers")}>
          {board.top_callers.length === 0 ? <p className="faint" style={{ padding: "8px 12px" }}>{t("none")}</p> : (
            <table className="sheet">
              <thead><tr><th>{t("caller")}</th><th className="num">{t("hits")}</th><th>{t("last")}</th></tr></thead>
              {/* Two numbers may look the same once masked. */}
              <tbody>{board.top_callers.map((one) => <tr key={`${one.caller}/${one.last}/${one.hits}`}><td><PhoneText value={one.caller} /></td><td className="num">{one.hits}</td><td><TimeText at={one.last} shape="clock" /></td></tr>)}</tbody>
            </table>
          )}
        </Card>
      </div>
    </>
  );
}

function Latest() {
  const t = useT(SIGNALS);
  const lang = useLang();
  const [reason, setReason] = useState<string | undefined>();
  const query = useInfiniteQuery({
    queryKey: ["signals", "hits", { reason }],
    initialPageParam: "",
    queryFn: ({ pageParam, signal }) => get<Page<SignalHit>>("/signal-hits", { reason, cursor: pageParam, limit: HITS_PAGE }, signal),
    getNextPageParam: (page) => page.next ?? undefined,
    placeholderData: keepPreviousData,
  });
  const hits = query.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Card flush title={t("latest")} extra={<Select size="small" style={{ width: 160 }} allowClear aria-label={t("reason")} placeholder={t("allReasons")} value={reason} onChange={setReason} options={Object.entries(SIGNAL_REASONS).filter(([value]) => value !== "none").map(([value, words]) => ({ value, label: words[lang] }))} />}>
      {query.isPending ? <Loading lines={4} /> : <HitTable hits={hits} />}
      {query.hasNextPage && <div style={{ padding: 10, textAlign: "center" }}><Button size="small" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>{t("more")}</Button></div>}
    </Card>
  );
}

export default function Signals() {
  const t = useT(SIGNALS);
  const [hours, setHours] = useState(24);
  const query = useQuery({ queryKey: ["signals", "board", hours], queryFn: ({ signal }) => get<SignalBoard>("/signals", { hours }, signal), placeholderData: keepPreviousData, refetchInterval: 60_000 });
  return (
    <CardLevel value={2}><div className="page">
      <div className="page-head">
        <h1>{t("title")}</h1><span className="faint">{t("about")}</span><span className="spacer" />
        <Segmented<number> size="small" aria-label={t("span")} value={hours} onChange={setHours} options={[{ value: 24, label: t("hours24") }, { value: 168, label: t("hours168") }, { value: 720, label: t("hours720") }]} />
        <Link to="/story">{t("tell")} →</Link>
      </div>
      <QueryView query={query} right="signals.read">{(board) => <Board board={board} hours={hours} />}</QueryView>
      <Latest />
    </div></CardLevel>
  );
}
