/** The stop desk (接警止付组): orders to review, waiting for an answer, in effect, refused. */
import { Button, Select } from "antd";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { useNavigate, useParams } from "react-router";
import { get } from "../../api/client";
import type { DeskCounts, Order, OrderRow, Page } from "../../api/types";
import { ORDER_KINDS, ORDER_LOOKS, ORDER_STATES, shownState } from "../../words/order";
import { AnswerChip } from "../../shell/AnswerView";
import { byEnd } from "../../shell/countdown";
import { hintsFor } from "../../shell/hints";
import { useT, useWord } from "../../shell/i18n";
import { usePartners } from "../../shell/partners";
import { AccountText, Countdown, LevelMark, MoneyText, StateChip, TimeText } from "../../shell/pieces";
import { Queue } from "../../shell/Queue";
import { prefixOf, useRegionScope } from "../../shell/region";
import { useSession } from "../../shell/session";
import { Empty } from "../../shell/views";
import { NewOrder } from "./NewOrder";
import { endOf, OrderDetail } from "./OrderDetail";
import { STOP } from "./texts";
import { ToPlace } from "./ToPlace";

const TABS = ["review", "waiting", "held", "refused", "ended", "all"] as const;
/** The seat gives no more in one answer. */
const LIST_MAX = 500;
type TabKey = (typeof TABS)[number];

/** The queue in which an order of a state stands. */
export function queueOf(state: string): TabKey {
  if (state === "review") return "review";
  if (state === "sent") return "waiting";
  if (state === "in_effect" || state === "waiting") return "held";
  return ["refused", "rejected", "expired"].includes(state) ? "refused" : "ended";
}

function Row({ row }: { row: OrderRow }) {
  const word = useWord();
  const { nameOf } = usePartners();
  const end = endOf(row);
  return (
    <>
      <div className="l1"><LevelMark level={row.level} /><strong className="nowrap">{word(ORDER_KINDS, row.kind)}</strong><span className="ellipsis">{nameOf(row.partner, row.partner_name)}</span></div>
      <div className="r1"><MoneyText bare money={row.held ?? row.amount ?? row.check_amount} /></div>
      <div className="l2"><span className="nowrap">{row.number}</span><AccountText tail value={row.account} /><span className="ellipsis">{row.account_name}</span>
        {row.answer_code && row.state === "rejected" ? <AnswerChip code={row.answer_code} /> : <StateChip words={ORDER_STATES} looks={ORDER_LOOKS} state={shownState(row)} />}</div>
      <div className="r2">{end ? <Countdown end={end.end} start={end.start} overWords={end.what === "hold" ? "ended" : "overdue"} /> : <TimeText at={row.ended_at ?? row.answered_at ?? row.sent_at ?? row.made_at} shape="short" />}</div>
    </>
  );
}

export default function Stop() {
  const { id } = useParams();
  const form = id === "new" || id === "to-place";
  const t = useT(STOP);
  const go = useNavigate();
  const { may } = useSession();
  const { banks } = usePartners();
  const region = useRegionScope();
  const [tab, setTab] = useState<TabKey>("review");
  const [search, setSearch] = useState("");
  const [partner, setPartner] = useState<string | undefined>();
  const counts = useQuery({ queryKey: ["desk-counts"], queryFn: () => get<DeskCounts>("/desk-counts") }).data ?? {};
  const query = useQuery({
    queryKey: ["orders", { tab, search, partner, region }],
    queryFn: async ({ signal }) => {
      const { items } = await get<Page<OrderRow>>("/orders", { queue: tab === "all" ? "" : tab, q: search, partner, limit: LIST_MAX }, signal);
      const inside = items.filter((row) => row.region.startsWith(prefixOf(region)));
      // What ends first comes first.
      return tab === "review" || tab === "waiting" || tab === "held" ? inside.sort(byEnd((row) => endOf(row)?.end)) : inside;
    },
    placeholderData: keepPreviousData,
  });
  // An order opened by a link, not from the list, brings its own queue into view; acting on it later moves nothing.
  const fromList = useRef<string | null>(null);
  const opened = useQuery({ queryKey: ["orders", id], queryFn: () => get<Order>(`/orders/${id}`), enabled: Boolean(id) && !form }).data;
  useEffect(() => {
    if (!opened || fromList.current === opened.id) return;
    fromList.current = opened.id;
    setTab(queueOf(opened.state));
  }, [opened]);
  const empties: Record<TabKey, [keyof typeof STOP, keyof typeof STOP]> = {
    review: ["emptyReview", "emptyReviewHint"], waiting: ["emptyWaiting", "emptyHint"], held: ["emptyHeld", "emptyHint"], refused: ["emptyRefused", "emptyHint"], ended: ["emptyEnded", "emptyHint"], all: ["emptyAll", "emptyHint"],
  };
  const [emptyTitle, emptyHint] = empties[tab];
  const label: Record<TabKey, string> = { review: t("tabReview"), waiting: t("tabWaiting"), held: t("tabHeld"), refused: t("tabRefused"), ended: t("tabEnded"), all: t("tabAll") };
  return (
    <Queue
      title={t("title")}
      extra={<>{(counts.to_place ?? 0) > 0 && <Button size="small" type={id === "to-place" ? "primary" : "default"} onClick={() => void go("/stop/to-place")}>{t("toPlace", { n: counts.to_place ?? 0 })}</Button>}{may("stop.make") && <Button size="small" onClick={() => void go("/stop/new")}>＋ {t("newOrder")}</Button>}</>}
      tabs={TABS.map((key) => ({ key, label: label[key], count: counts[key as keyof DeskCounts] }))}
      tab={tab}
      onTab={(key) => setTab(key as TabKey)}
      search={search}
      onSearch={setSearch}
      searchLabel={t("searchLabel")}
      tools={<Select size="small" style={{ width: 112 }} popupMatchSelectWidth={180} allowClear aria-label={t("bankFilter")} placeholder={t("allBanks")} value={partner} onChange={setPartner} options={banks.map((bank) => ({ value: bank.id, label: bank.name }))} />}
      forced={form}
      query={query}
      right="stop.read"
      idOf={(row) => row.id}
      now={{ key: (one) => ["orders", one], get: (one) => get<Order>(`/orders/${one}`) }}
      subjectOf={(row) => `order:${row.id}`}
      selected={form ? null : (id ?? null)}
      onSelect={(next) => { fromList.current = next; void go(next ? `/stop/${next}` : "/stop", { replace: Boolean(id) }); }}
      empty={<Empty title={t(emptyTitle)} hint={t(emptyHint)} />}
      render={(row) => <Row row={row} />}
      detail={id === "new" ? <NewOrder /> : id === "to-place" ? <ToPlace /> : id ? <OrderDetail key={id} id={id} /> : <Empty icon="stop" title={t("pick")} hint={hintsFor(may, [[null, t("pickHint")], ["stop.check", t("pickHintCheck")]])} />}
    />
  );
}
