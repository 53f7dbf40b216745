/** Orders that the centre sent to this bank, and what the bank answered by itself. */
import { Button } from "antd";
import { useState } from "react";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useNavigate, useParams } from "react-router";
import { get } from "../../api/client";
import type { BankOrder, BankOrderRow, Page } from "../../api/types";
import { ActBar, type Act } from "../../shell/ActBar";
import { AnswerChip, AnswerFacts, MovementTable } from "../../shell/AnswerView";
import { formatMoney } from "../../shell/format";
import { FourPoints } from "../../shell/FourPoints";
import { useLang, useT, useWord } from "../../shell/i18n";
import { usePartners } from "../../shell/partners";
import { AccountText, Card, Fact, MoneyText, TimeText } from "../../shell/pieces";
import { Queue } from "../../shell/Queue";
import { Sealed } from "../../shell/Sealed";
import { SHELL } from "../../shell/texts";
import { Empty, QueryView } from "../../shell/views";
import { hasScope, ORDER_KINDS } from "../../words/order";
import { BANK } from "../texts";

function Detail({ id }: { id: string }) {
  const query = useQuery({ queryKey: ["orders", id], queryFn: () => get<BankOrder>(`/orders/${id}`) });
  return <QueryView query={query} right="bank.orders.read">{(order) => <Shown order={order} />}</QueryView>;
}

function Shown({ order }: { order: BankOrder }) {
  const t = useT(BANK);
  const s = useT(SHELL);
  const word = useWord();
  const lang = useLang();
  const go = useNavigate();
  const { nameOf } = usePartners();
  const acts: Act[] = [];
  if (order.hold_id) acts.push({ key: "hold", label: t("openHold"), hotkey: "h", tone: "primary", run: () => void go(`/holds/${order.hold_id}`) });
  return (
    <>
      <div className="detail-head">
        <div className="grow">
          <h2>{word(ORDER_KINDS, order.kind)} <span className="nowrap">{order.number}</span> <AnswerChip code={order.code} /></h2>
          <div className="sub">{nameOf(order.authority)} · {t("receivedAt")} <TimeText at={order.received_at} shape="full" /></div>
        </div>
        {order.answer?.held && <div className="right"><div className="faint" style={{ fontSize: 12 }}>{t("held")}</div><MoneyText large money={order.answer.held} /></div>}
      </div>
      <div className="detail-body" tabIndex={-1}>
        <div className="cols">
          <div>
            <FourPoints points={order.kind === "stop" ? "four" : "account"} subject={`order:${order.id}`} account={order.account} name={order.account_name} amount={order.check_amount} at={order.check_at} reference={order.check_reference} answer={order.answer} />
            <Card title={t("answer")}>{order.answer ? <AnswerFacts answer={order.answer} /> : <span className="faint">{t("answerNone")}</span>}</Card>
          </div>
          <div>
            <Card title={t("order")}>
              <dl className="facts two">
                <Fact label={t("case")}>{order.case_number}</Fact>
                {hasScope(order.kind) && <Fact label={t("scope")}>{order.amount ? t("upTo", { amount: formatMoney(order.amount) }) : t("whole")}</Fact>}
                {order.unit && <Fact wide label={t("from")}>{order.unit}</Fact>}
                {order.approver && <Fact label={t("approver")}>{order.approver}</Fact>}
                {order.until && <Fact label={t("until")}><TimeText at={order.until} /></Fact>}
                {order.legal_basis && <Fact wide label={t("legalBasis")}>{order.legal_basis}</Fact>}
                {order.reason && <Fact wide label={t("reason")}>{(lang === "en" && order.reason_en) || order.reason}</Fact>}
              </dl>
            </Card>
            <Card title={t("papers")}>
              {(order.papers?.length ?? 0) === 0 ? <span className="faint">{t("papersNone")}</span> : <ul>{order.papers?.map((paper) => <li key={paper.sha256}>{paper.name} <span className="mono faint" title={paper.sha256}>{paper.sha256.slice(0, 12)}…</span></li>)}</ul>}
            </Card>
          </div>
        </div>
        {order.answer?.transactions && <Card flush title={t("transactions", { n: order.answer.transactions.length })}><MovementTable movements={order.answer.transactions} /></Card>}
        {order.sealed_payload && <Card title={t("sealed")}><Sealed subject={`order:${order.id}`} header={order.sealed_header ?? {}} payload={order.sealed_payload} sha256={order.sealed_sha256 ?? ""} /></Card>}
      </div>
      <ActBar acts={acts} scope={order.id} extra={<Button onClick={() => window.print()}>{s("print")}</Button>} />
    </>
  );
}

/** Answers by which the order took effect, wholly, in part or in line. */
const DONE = new Set(["done", "done_in_part", "waiting_in_line", "order_already_handled"]);

export default function Orders() {
  const { id } = useParams();
  const t = useT(BANK);
  const word = useWord();
  const go = useNavigate();
  const { nameOf } = usePartners();
  const [tab, setTab] = useState("all");
  const [search, setSearch] = useState("");
  const query = useQuery({
    queryKey: ["orders", { tab, search }],
    queryFn: async ({ signal }) => {
      const { items } = await get<Page<BankOrderRow>>("/orders", { q: search, limit: 200 }, signal);
      return items.filter((row) => tab === "all" || DONE.has(row.code) === (tab === "done"));
    },
    placeholderData: keepPreviousData,
  });
  return (
    <Queue
      title={t("ordersTitle")}
      tabs={[{ key: "all", label: t("tabAll") }, { key: "done", label: t("tabDone") }, { key: "not", label: t("tabNotDone") }]}
      tab={tab} onTab={setTab} search={search} onSearch={setSearch} searchLabel={t("searchOrders")}
      query={query} right="bank.orders.read" idOf={(row) => row.id} subjectOf={(row) => `order:${row.id}`}
      selected={id ?? null} onSelect={(next) => void go(next ? `/orders/${next}` : "/orders", { replace: Boolean(id) })}
      empty={<Empty title={t("emptyOrders")} hint={t("emptyOrdersHint")} />}
      render={(row) => (
        <>
          <div className="l1"><strong className="nowrap">{word(ORDER_KINDS, row.kind)}</strong><AccountText tail value={row.account} /><span className="ellipsis">{row.account_name}</span></div>
          <div className="r1"><MoneyText bare money={row.amount} /></div>
          <div className="l2"><span className="nowrap">{row.number}</span><AnswerChip code={row.code} /><span className="ellipsis">{nameOf(row.authority)}</span></div>
          <div className="r2 muted"><TimeText at={row.received_at} shape="short" /></div>
        </>
      )}
      detail={id ? <Detail key={id} id={id} /> : <Empty icon="orders" title={t("pickOrder")} hint={t("pickHint")} />}
    />
  );
}
