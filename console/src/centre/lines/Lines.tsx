/** The lines desk (线路指令): orders to operators, what is due first standing first. */
import { Button, Select } from "antd";
import { useEffect, useRef, useState } from "react";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useNavigate, useParams } from "react-router";
import { get } from "../../api/client";
import type { DeskCounts, LineOrder, LineOrderRow, Page } from "../../api/types";
import { byEnd } from "../../shell/countdown";
import { hintsFor } from "../../shell/hints";
import { useT, useWord } from "../../shell/i18n";
import { useKeys } from "../../shell/keys";
import { usePartners } from "../../shell/partners";
import { Chip, Countdown, PhoneText, StateChip, TimeText } from "../../shell/pieces";
import { Queue } from "../../shell/Queue";
import { prefixOf, useRegionScope } from "../../shell/region";
import { useSession } from "../../shell/session";
import { Empty } from "../../shell/views";
import { answerLook, LINE_ANSWERS, LINE_KINDS, LINE_LOOKS, LINE_STATES } from "../../words/line";
import { LineOrderDetail } from "./LineOrderDetail";
import { endOf, queueOf, type LineQueue } from "./model";
import { NewLineOrder } from "./NewLineOrder";
import { LINES } from "./texts";

const TABS: LineQueue[] = ["review", "waiting", "in_effect", "refused", "ended", "all"];
/** The seat gives no more in one answer. */
const LIST_MAX = 500;

function Row({ row }: { row: LineOrderRow }) {
  const t = useT(LINES);
  const word = useWord();
  const { nameOf } = usePartners();
  const end = endOf(row);
  return (
    <>
      <div className="l1"><strong className="nowrap">{word(LINE_KINDS, row.kind)}</strong><span className="ellipsis">{nameOf(row.partner, row.partner_name)}</span></div>
      <div className="r1"><PhoneText value={row.line} /></div>
      <div className="l2"><span className="nowrap">{row.number}</span>
        {row.answer_code && row.state === "rejected" ? <Chip {...answerLook(row.answer_code)}>{word(LINE_ANSWERS, row.answer_code)}</Chip> : <StateChip words={LINE_STATES} looks={LINE_LOOKS} state={row.state} />}
        {row.contacts > 0 && <span>{t("contactsFound", { n: row.contacts })}</span>}</div>
      <div className="r2">{end ? <Countdown end={end.end} start={end.start} overWords={end.what === "measure" ? "ended" : "overdue"} /> : <TimeText at={row.ended_at ?? row.answered_at ?? row.sent_at ?? row.made_at} shape="short" />}</div>
    </>
  );
}

export default function Lines() {
  const { id } = useParams();
  const t = useT(LINES);
  const go = useNavigate();
  const { may } = useSession();
  const { operators } = usePartners();
  const region = useRegionScope();
  const [tab, setTab] = useState<LineQueue>("review");
  const [search, setSearch] = useState("");
  const [partner, setPartner] = useState<string | undefined>();
  const query = useQuery({
    queryKey: ["line-orders", { tab, search, partner, region }],
    queryFn: async ({ signal }) => {
      const { items } = await get<Page<LineOrderRow>>("/line-orders", { queue: tab === "all" ? "" : tab, q: search.trim(), partner, limit: LIST_MAX }, signal);
      const inside = items.filter((row) => row.region.startsWith(prefixOf(region)));
      return tab === "waiting" || tab === "in_effect" ? inside.sort(byEnd((row) => endOf(row)?.end)) : inside;
    },
    placeholderData: keepPreviousData,
  });
  useKeys({ n: () => may("lines.make") && void go("/lines/new") });
  // An order opened by a link brings its own queue into view; acting on it later moves nothing.
  const fromList = useRef<string | null>(null);
  const opened = useQuery({ queryKey: ["line-orders", id], queryFn: () => get<LineOrder>(`/line-orders/${id}`), enabled: Boolean(id) && id !== "new" }).data;
  useEffect(() => {
    if (!opened || fromList.current === opened.id) return;
    fromList.current = opened.id;
    setTab(queueOf(opened.state));
  }, [opened]);
  const label: Record<LineQueue, string> = { review: t("tabReview"), waiting: t("tabWaiting"), in_effect: t("tabInEffect"), refused: t("tabRefused"), ended: t("tabEnded"), all: t("tabAll") };
  const counts = useQuery({ queryKey: ["desk-counts"], queryFn: () => get<DeskCounts>("/desk-counts") }).data ?? {};
  const count: Partial<Record<LineQueue, number>> = { review: counts.line_review, waiting: counts.line_waiting, in_effect: counts.line_in_effect, refused: counts.line_refused };
  return (
    <Queue
      title={t("title")}
      extra={may("lines.make") && <Button size="small" type="primary" onClick={() => void go("/lines/new")}>＋ {t("newOrder")} <kbd aria-hidden="true">N</kbd></Button>}
      tabs={TABS.map((key) => ({ key, label: label[key], count: count[key] }))}
      tab={tab}
      onTab={(key) => setTab(key as LineQueue)}
      search={search}
      onSearch={setSearch}
      searchLabel={t("searchLabel")}
      tools={<Select size="small" style={{ width: 112 }} popupMatchSelectWidth={180} allowClear aria-label={t("operatorFilter")} placeholder={t("allOperators")} value={partner} onChange={setPartner} options={operators.map((one) => ({ value: one.id, label: one.name }))} />}
      forced={id === "new"}
      query={query}
      right="lines.read"
      idOf={(row) => row.id}
      now={{ key: (one) => ["line-orders", one], get: (one) => get<LineOrder>(`/line-orders/${one}`) }}
      subjectOf={(row) => `line:${row.id}`}
      selected={id === "new" ? null : (id ?? null)}
      onSelect={(next) => { fromList.current = next; void go(next ? `/lines/${next}` : "/lines", { replace: Boolean(id) }); }}
      empty={<Empty title={tab === "review" ? t("emptyReview") : t("empty")} hint={t("emptyHint")} />}
      render={(row) => <Row row={row} />}
      detail={id === "new" ? <NewLineOrder /> : id ? <LineOrderDetail key={id} id={id} /> : <Empty icon="lines" title={t("pick")} hint={hintsFor(may, [[null, t("pickHint")], ["lines.check", t("pickHintCheck")], ["lines.make", t("pickHintMake")]])} />}
    />
  );
}
