/** Stops and freezes at this bank, those that end first standing first. */
import { Button } from "antd";
import { useState } from "react";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useNavigate, useParams } from "react-router";
import { get } from "../../api/client";
import type { Hold, Page } from "../../api/types";
import { ActBar, type Act } from "../../shell/ActBar";
import { byEnd } from "../../shell/countdown";
import { formatTime } from "../../shell/format";
import { useT, useWord } from "../../shell/i18n";
import { usePartners } from "../../shell/partners";
import { AccountText, Card, Countdown, Fact, MoneyText, StateChip, TimeText } from "../../shell/pieces";
import { Queue } from "../../shell/Queue";
import { Reveal } from "../../shell/Reveal";
import { SHELL } from "../../shell/texts";
import { Empty, QueryView } from "../../shell/views";
import { BANK, HOLD_KINDS, HOLD_LOOKS, HOLD_STATES } from "../texts";

function Detail({ id }: { id: string }) {
  const query = useQuery({ queryKey: ["holds", id], queryFn: () => get<Hold>(`/holds/${id}`) });
  return <QueryView query={query} right="bank.holds.read">{(hold) => <Shown hold={hold} />}</QueryView>;
}

function Shown({ hold }: { hold: Hold }) {
  const t = useT(BANK);
  const s = useT(SHELL);
  const word = useWord();
  const go = useNavigate();
  const { nameOf } = usePartners();
  const open = hold.state === "active" || hold.state === "waiting";
  const acts: Act[] = [];
  if (hold.order_id && hold.kind !== "own_stop") acts.push({ key: "order", label: t("openOrder"), hotkey: "o", tone: "primary", run: () => void go(`/orders/${hold.order_id}`) });
  return (
    <>
      <div className="detail-head">
        <div className="grow">
          <h2>{word(HOLD_KINDS, hold.kind)} <AccountText tail value={hold.account} /> <StateChip words={HOLD_STATES} looks={HOLD_LOOKS} state={hold.state} /></h2>
          <div className="sub">{nameOf(hold.authority)} · {hold.case_number}</div>
        </div>
        {open && hold.until && <div className="right"><div className="faint" style={{ fontSize: 12 }}>{t("endsIn")}</div><Countdown large end={hold.until} start={hold.from} /></div>}
      </div>
      <div className="detail-body" tabIndex={-1}>
        {hold.kind === "own_stop" && hold.state === "active" && <div className="note amber">⚠ {t("ownStopNote")}</div>}
        <div className="cols">
          <Card title={t("hold")}>
            <dl className="facts two">
              <Fact label={t("account")}><Reveal subject={`hold:${hold.id}`} field="account" shape="account"><AccountText value={hold.account} /></Reveal></Fact>
              <Fact label={t("holder")}>{hold.account_name ?? "—"}</Fact>
              <Fact label={t("held")}><MoneyText large money={hold.held} /></Fact>
              <Fact label={t("limit")}>{hold.limit ? <MoneyText money={hold.limit} /> : t("whole")}</Fact>
              <Fact label={t("since")}>{hold.from ? <TimeText at={hold.from} shape="full" /> : t("notYet")}</Fact>
              <Fact label={t("until")}><TimeText at={hold.until} shape="full" /></Fact>
              <Fact label={t("placed")}><TimeText at={hold.placed_at} shape="full" /></Fact>
              {hold.ended_at && <Fact label={t("ended")}><TimeText at={hold.ended_at} shape="full" /></Fact>}
              {hold.position > 0 && <Fact label={t("position")}>{hold.position}</Fact>}
              {hold.kind !== "freeze" && <Fact label={t("stops")}>{hold.stops}</Fact>}
            </dl>
          </Card>
          {open && <Card title={t("customerWords")}><p style={{ lineHeight: 1.8 }}>{t("customerText", { until: hold.until ? formatTime(hold.until) : "—", authority: nameOf(hold.authority) })}</p></Card>}
        </div>
      </div>
      <ActBar acts={acts} scope={hold.id} extra={<Button onClick={() => window.print()}>{s("print")}</Button>} />
    </>
  );
}

const OPEN = { active: ["active"], waiting: ["waiting"], ended: ["lapsed", "lifted", "replaced"] } as const;

export default function Holds() {
  const { id } = useParams();
  const t = useT(BANK);
  const word = useWord();
  const go = useNavigate();
  const [tab, setTab] = useState<keyof typeof OPEN>("active");
  const [search, setSearch] = useState("");
  const query = useQuery({
    queryKey: ["holds", { tab, search }],
    queryFn: async ({ signal }) => {
      const pages = await Promise.all(OPEN[tab].map((state) => get<Page<Hold>>("/holds", { state, q: search, limit: 200 }, signal)));
      return pages.flatMap((page) => page.items).sort(byEnd((hold) => hold.until));
    },
    placeholderData: keepPreviousData,
  });
  return (
    <Queue
      title={t("holdsTitle")}
      tabs={[{ key: "active", label: t("tabActive") }, { key: "waiting", label: t("tabWaiting") }, { key: "ended", label: t("tabEnded") }]}
      tab={tab} onTab={(key) => setTab(key as keyof typeof OPEN)} search={search} onSearch={setSearch} searchLabel={t("searchOrders")}
      query={query} right="bank.holds.read" idOf={(hold) => hold.id} subjectOf={(hold) => `hold:${hold.id}`}
      selected={id ?? null} onSelect={(next) => void go(next ? `/holds/${next}` : "/holds", { replace: Boolean(id) })}
      empty={<Empty title={t("emptyHolds")} hint={t("emptyHoldsHint")} />}
      render={(hold) => (
        <>
          <div className="l1"><strong className="nowrap">{word(HOLD_KINDS, hold.kind)}</strong><AccountText tail value={hold.account} /><span className="ellipsis">{hold.account_name}</span></div>
          <div className="r1"><MoneyText bare money={hold.held} /></div>
          <div className="l2"><StateChip words={HOLD_STATES} looks={HOLD_LOOKS} state={hold.state} /><span className="ellipsis">{hold.case_number}</span></div>
          <div className="r2">{hold.ended_at ? <TimeText at={hold.ended_at} shape="short" /> : <Countdown end={hold.until} start={hold.from} />}</div>
        </>
      )}
      detail={id ? <Detail key={id} id={id} /> : <Empty icon="holds" title={t("pickHold")} hint={t("pickHint")} />}
    />
  );
}
