/** Orders about lines that the centre gave, what this seat answered, and the measures in force. */
import { useState } from "react";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useNavigate, useParams } from "react-router";
import { get } from "../../api/client";
import type { CarrierOrder, CarrierOrderDetail, DeskCounts, LineMeasure, Page } from "../../api/types";
import { byEnd } from "../../shell/countdown";
import { useT, useWord } from "../../shell/i18n";
import { usePartners } from "../../shell/partners";
import { Card, Chip, Countdown, Fact, PhoneText, StateChip, TimeText } from "../../shell/pieces";
import { Queue } from "../../shell/Queue";
import { Reveal } from "../../shell/Reveal";
import { Empty, QueryView } from "../../shell/views";
import { answerLook, LINE_ANSWERS } from "../../words/line";
import { History, Words } from "../pieces";
import { MEASURE_LOOKS, MEASURE_STATES } from "../texts";
import { LINES } from "./texts";

const PAGE = 200;
type TabKey = "orders" | "not_done" | "measures";

/** An order, or a measure that opens the order which set it. */
interface Row {
  id: string;
  subject: string;
  order: CarrierOrder | null;
  measure: LineMeasure | null;
}

function AnswerChip({ order }: { order: CarrierOrder }) {
  const t = useT(LINES);
  const word = useWord();
  return order.code ? <Chip {...answerLook(order.code)}>{word(LINE_ANSWERS, order.code)}</Chip> : <Chip tone="accent" sign="…">{t("working")}</Chip>;
}

function Measures({ rows, title }: { rows: LineMeasure[]; title: string }) {
  const t = useT(LINES);
  return (
    <Card flush title={title}>
      <table className="sheet"><thead><tr><th>{t("kind")}</th><th>{t("line")}</th><th>{t("state")}</th><th>{t("since")}</th><th>{t("until")}</th><th>{t("endedBy")}</th></tr></thead>
        <tbody>{rows.map((one) => (
          <tr key={one.id}><td><Words words={one.kind_words} fallback={one.kind} /></td><td><Reveal subject={`measure:${one.id}`} field="line" shape="phone"><PhoneText value={one.line} /></Reveal></td><td><StateChip words={MEASURE_STATES} looks={MEASURE_LOOKS} state={one.state} /></td>
            <td><TimeText at={one.since} /></td><td>{one.until ? one.state === "active" ? <Countdown end={one.until} start={one.since} /> : <TimeText at={one.until} /> : t("noEnd")}</td><td>{one.ended_at ? <><TimeText at={one.ended_at} /> <span className="muted">{one.end_reason}</span></> : <span className="faint">—</span>}</td></tr>
        ))}</tbody>
      </table>
    </Card>
  );
}

function Shown({ order }: { order: CarrierOrderDetail }) {
  const t = useT(LINES);
  const { nameOf } = usePartners();
  const active = order.measures.find((one) => one.state === "active" && one.until);
  return (
    <>
      <div className="detail-head">
        <div className="grow"><h2><Words words={order.kind_words} fallback={order.kind} /> <span className="nowrap">{order.number}</span> <AnswerChip order={order} /></h2><div className="sub">{nameOf(order.authority)} · <PhoneText value={order.line} /></div></div>
        {active?.until && <div className="right"><div className="faint" style={{ fontSize: 12 }}>{t("remaining")}</div><Countdown large end={active.until} start={active.since} /></div>}
      </div>
      <div className="detail-body" tabIndex={-1}>
        <div className="cols">
          <Card title={t("facts")}>
            <dl className="facts two">
              <Fact label={t("line")}><Reveal subject={`line_order:${order.id}`} field="line" shape="phone"><PhoneText value={order.line} /></Reveal></Fact>
              <Fact label={t("case")}>{order.case_number}</Fact>
              <Fact label={t("authority")}>{nameOf(order.authority)}</Fact>
              <Fact label={t("received")}><TimeText at={order.received_at} shape="full" /></Fact>
              {order.until && <Fact label={t("until")}><TimeText at={order.until} /></Fact>}
              <Fact wide label={t("reason")}>{order.reason ?? "—"}</Fact>
            </dl>
          </Card>
          <Card title={t("answer")}>
            <div className="row-wrap" style={{ marginBottom: 8 }}><AnswerChip order={order} /><Words words={order.answer_words} fallback="" /></div>
            <dl className="facts two">
              {order.answered_at && <Fact label={t("answered")}><TimeText at={order.answered_at} shape="full" /></Fact>}
              {order.messages && (
                <>
                  <Fact label={t("warned")}><strong>{order.messages.sent}</strong></Fact>
                  <Fact label={t("warnedBefore")}>{order.messages.warned_before}</Fact>
                  <Fact label={t("notOurs")}>{order.messages.not_ours}</Fact>
                  {order.messages.failed > 0 && <Fact label={t("failed")}><span style={{ color: "var(--red)" }}>{order.messages.failed}</span></Fact>}
                </>
              )}
            </dl>
          </Card>
        </div>
        {order.cut_calls.length > 0 && (
          <Card flush title={t("cuts")}>
            <table className="sheet"><thead><tr><th>{t("caller")}</th><th>{t("callee")}</th><th>{t("started")}</th><th>{t("cutAt")}</th></tr></thead>
              <tbody>{order.cut_calls.map((cut) => <tr key={`${cut.caller}/${cut.callee}/${cut.started_at}`}><td><PhoneText value={cut.caller} /></td><td><PhoneText value={cut.callee} /></td><td><TimeText at={cut.started_at} shape="full" /></td><td><TimeText at={cut.cut_at} shape="full" /></td></tr>)}</tbody>
            </table>
          </Card>
        )}
        {order.measures.length > 0 && <Measures title={t("measures")} rows={order.measures} />}
        <div className="cols">
          <History title={t("history")} entries={order.history} />
          <Card title={t("sealed")}><div className="mono" style={{ overflowWrap: "anywhere" }}><Reveal subject={`line_order:${order.id}`} field="sealed"><span className="faint" style={{ fontFamily: "var(--sans)" }}>{t("sealedHint")}</span></Reveal></div></Card>
        </div>
      </div>
    </>
  );
}

function Detail({ id }: { id: string }) {
  const query = useQuery({ queryKey: ["line-orders", id], queryFn: () => get<CarrierOrderDetail>(`/line-orders/${id}`) });
  return <QueryView query={query} right="operator.lines.read">{(order) => <Shown order={order} />}</QueryView>;
}

export default function Lines() {
  const { id } = useParams();
  const t = useT(LINES);
  const go = useNavigate();
  const { nameOf } = usePartners();
  const [tab, setTab] = useState<TabKey>("orders");
  const [search, setSearch] = useState("");
  const counts = useQuery({ queryKey: ["desk-counts"], queryFn: () => get<DeskCounts>("/desk-counts") }).data ?? {};
  const query = useQuery({
    queryKey: ["line-orders", { tab, search }],
    queryFn: async ({ signal }): Promise<Row[]> => {
      if (tab === "measures") {
        const { items } = await get<Page<LineMeasure>>("/measures", { state: "active", limit: PAGE }, signal);
        return items.sort(byEnd((one) => one.until)).map((measure) => ({ id: measure.order_id ?? measure.id, subject: `measure:${measure.id}`, order: null, measure }));
      }
      const { items } = await get<Page<CarrierOrder>>("/line-orders", { q: search.trim(), limit: PAGE }, signal);
      return items.filter((order) => tab === "orders" || !(order.code === "done" || order.code === "done_in_part")).map((order) => ({ id: order.id, subject: `line_order:${order.id}`, order, measure: null }));
    },
    placeholderData: keepPreviousData,
  });
  return (
    <Queue
      title={t("title")}
      tabs={[{ key: "orders", label: t("tabOrders") }, { key: "not_done", label: t("tabNotDone"), count: counts.line_orders }, { key: "measures", label: t("tabMeasures"), count: counts.measures }]}
      tab={tab} onTab={(key) => setTab(key as TabKey)} search={search} onSearch={setSearch} searchLabel={t("searchLabel")}
      query={query} right="operator.lines.read" idOf={(row) => row.id} subjectOf={(row) => row.subject}
      selected={id ?? null} onSelect={(next) => void go(next ? `/lines/${next}` : "/lines", { replace: Boolean(id) })}
      empty={<Empty title={tab === "measures" ? t("emptyMeasures") : t("empty")} hint={t("emptyHint")} />}
      render={(row) => row.measure ? (
        <>
          <div className="l1"><strong className="nowrap"><Words words={row.measure.kind_words} fallback={row.measure.kind} /></strong></div>
          <div className="r1"><PhoneText value={row.measure.line} /></div>
          <div className="l2"><StateChip words={MEASURE_STATES} looks={MEASURE_LOOKS} state={row.measure.state} /><span className="ellipsis">{row.measure.case_number} {nameOf(row.measure.authority)}</span></div>
          <div className="r2">{row.measure.until ? <Countdown end={row.measure.until} start={row.measure.since} /> : <span className="muted">{t("noEnd")}</span>}</div>
        </>
      ) : row.order && (
        <>
          <div className="l1"><strong className="nowrap"><Words words={row.order.kind_words} fallback={row.order.kind} /></strong></div>
          <div className="r1"><PhoneText value={row.order.line} /></div>
          <div className="l2"><span className="nowrap">{row.order.number}</span><AnswerChip order={row.order} /><span className="ellipsis">{row.order.case_number}</span></div>
          <div className="r2"><TimeText at={row.order.received_at} shape="short" /></div>
        </>
      )}
      detail={id ? <Detail key={id} id={id} /> : <Empty icon="lines" title={t("pick")} hint={t("pickHint")} />}
    />
  );
}
