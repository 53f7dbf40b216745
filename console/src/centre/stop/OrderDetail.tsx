/** An order: the four points, the bank's answer, papers, what happened, and the sealed text. */
import { App, Button } from "antd";
import { useRef, useState } from "react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { call, get } from "../../api/client";
import type { Order, OrderRow, Page, StandingRule } from "../../api/types";
import { hasScope, ORDER_KINDS, ORDER_LOOKS, ORDER_STATES, shownState } from "../../words/order";
import { Actor } from "../../shell/Actor";
import { AnswerFacts, MovementTable } from "../../shell/AnswerView";
import { FourPoints } from "../../shell/FourPoints";
import { formatMoney } from "../../shell/format";
import { useLang, useT, useWord } from "../../shell/i18n";
import { usePartners } from "../../shell/partners";
import { AccountText, Card, Chip, Countdown, Fact, LevelMark, MoneyText, StateChip, TimeText } from "../../shell/pieces";
import { useRegionName } from "../../shell/region";
import { Sealed } from "../../shell/Sealed";
import { SubjectLink } from "../../shell/SubjectLink";
import { faultWords, problemWords } from "../../shell/problem";
import { QueryView } from "../../shell/views";
import { Problem } from "../../api/client";
import { OrderActs } from "./OrderActs";
import { APPROVAL_LEVELS, STOP } from "./texts";

export function OrderDetail({ id }: { id: string }) {
  const query = useQuery({ queryKey: ["orders", id], queryFn: () => get<Order>(`/orders/${id}`) });
  return <QueryView query={query} right="stop.read">{(order) => <Shown order={order} />}</QueryView>;
}

/** Which end matters now: the time of the checker in review, the bank's answer while it is awaited, the hold's end while it holds. */
export function endOf(order: OrderRow): { end: string; start: string | null; what: "review" | "answer" | "hold" } | null {
  if (order.state === "review") return { end: order.review_due, start: order.made_at, what: "review" };
  if (order.state === "sent" && order.answer_due) return { end: order.answer_due, start: order.sent_at ?? null, what: "answer" };
  if ((order.state === "in_effect" || order.state === "waiting") && order.hold_until) return { end: order.hold_until, start: order.answered_at ?? null, what: "hold" };
  return null;
}

const ENDS = { review: "endReview", answer: "endAnswer", hold: "endHold" } as const;

/** What happened to the order, from its own times. */
export function stepsOf(order: Order, bank: string): { at: string; text: keyof typeof STOP; who: string }[] {
  const ended: Partial<Record<string, keyof typeof STOP>> = { lapsed: "stepLapsed", lifted: "stepLifted", replaced: "stepReplaced", expired: "stepExpired" };
  const decided: Partial<Record<string, keyof typeof STOP>> = { refused: "stepRefused", cancelled: "stepCancelled" };
  const steps: { at: string | null | undefined; text: keyof typeof STOP; who: string }[] = [
    { at: order.reported_at, text: "stepReported", who: "" },
    { at: order.made_at, text: "stepMade", who: order.maker },
    { at: order.decided_at, text: decided[order.state] ?? "stepApproved", who: order.checker ?? "" },
    { at: order.sent_at, text: "stepSent", who: "" },
    { at: order.delivered_at, text: "stepDelivered", who: bank },
    { at: order.answered_at, text: "stepAnswered", who: bank },
    { at: order.ended_at, text: ended[order.state] ?? "stepEnded", who: "" },
  ];
  return steps.filter((step): step is { at: string; text: keyof typeof STOP; who: string } => Boolean(step.at));
}

/** The standing rule that let the order through. */
function RuleName({ id }: { id: string }) {
  const t = useT(STOP);
  const rules = useQuery({ queryKey: ["rules"], queryFn: async () => (await get<Page<StandingRule>>("/standing-rules")).items, staleTime: 60_000 }).data;
  return <Chip tone="accent" sign="§" title={t("byRule")}>{rules?.find((rule) => rule.id === id)?.name ?? t("byRule")}</Chip>;
}

/** Orders of the same case about the same account. */
function Later({ order }: { order: Order }) {
  const t = useT(STOP);
  const word = useWord();
  const query = useQuery({ queryKey: ["orders", { case: order.case_id }], queryFn: async () => (await get<Page<OrderRow>>("/orders", { case: order.case_id, limit: 200 })).items, staleTime: 15_000 });
  const others = (query.data ?? []).filter((one) => one.id !== order.id && one.account === order.account && one.partner === order.partner);
  if (others.length === 0) return null;
  return (
    <Fact wide label={t("sameAccount")}>
      {others.map((one) => <div key={one.id} className="row"><SubjectLink kind="order" id={one.id}>{one.number}</SubjectLink> {word(ORDER_KINDS, one.kind)} <StateChip words={ORDER_STATES} looks={ORDER_LOOKS} state={shownState(one)} /></div>)}
    </Fact>
  );
}

/** Every transfer on which the order rests; the bank checks one of them. */
function Grounds({ order }: { order: Order }) {
  const t = useT(STOP);
  const { nameOf } = usePartners();
  return (
    <Card flush title={t("grounds", { n: order.grounds.length })}>
      <div className="sheet-wrap bare">
        <table className="sheet">
          <thead><tr><th>{t("groundAt")}</th><th>{t("groundFrom")}</th><th className="num">{t("groundAmount")}<br /><span className="faint" title={t("groundTaintedHint")}>{t("groundTainted")}</span></th></tr></thead>
          <tbody>
            {order.grounds.map((ground, index) => (
              // oxlint-disable-next-line react/no-array-index-key
              <tr key={index}>
                <td><TimeText at={ground.at} shape="short" />{ground.reference && <><br /><span className="faint mono" style={{ overflowWrap: "anywhere" }}>{ground.reference}</span></>}</td>
                <td>{ground.from_account ? <AccountText value={ground.from_account} /> : "—"}{ground.from_bank && <><br /><span className="muted">{nameOf(ground.from_bank)}</span></>}</td>
                <td className="num"><MoneyText bare money={ground.amount} /><br /><span className="faint"><MoneyText bare money={ground.tainted} /></span></td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Card>
  );
}

function Papers({ order }: { order: Order }) {
  const t = useT(STOP);
  const lang = useLang();
  const client = useQueryClient();
  const { message } = App.useApp();
  const file = useRef<HTMLInputElement>(null);
  const [busy, setBusy] = useState(false);
  async function attach(chosen: File) {
    setBusy(true);
    try {
      const form = new FormData();
      form.append("file", chosen);
      await call("POST", `/orders/${order.id}/papers`, { form });
      await client.invalidateQueries({ queryKey: ["orders", order.id] });
    } catch (problem) {
      void message.error(`${t("attachFailed")}: ${problem instanceof Problem ? problemWords(problem.body, lang).title : String(problem)}`, 6);
    } finally {
      setBusy(false);
    }
  }
  return (
    <Card
      title={t("papers")}
      extra={order.acts.includes("attach_paper") && (
        <>
          <input ref={file} type="file" hidden accept=".pdf,.png,.jpg,.jpeg,.ofd" aria-label={t("attach")} onChange={(event) => { const chosen = event.target.files?.[0]; event.target.value = ""; if (chosen) void attach(chosen); }} />
          <Button size="small" loading={busy} onClick={() => file.current?.click()}>{t("attach")}</Button>
        </>
      )}
    >
      {order.papers.length === 0 ? <span className="faint">{t("papersNone")}</span> : (
        <ul>{order.papers.map((paper) => <li key={paper.sha256}><a href={`/api/orders/${order.id}/papers/${paper.sha256}`} download={paper.name}>{paper.name}</a> <span className="faint mono" title={`${t("paperHash")} ${paper.sha256}`}>{paper.sha256.slice(0, 12)}…</span></li>)}</ul>
      )}
    </Card>
  );
}

function Shown({ order }: { order: Order }) {
  const t = useT(STOP);
  const lang = useLang();
  const word = useWord();
  const { nameOf } = usePartners();
  const regionName = useRegionName();
  const [sealed, setSealed] = useState(false);
  const end = endOf(order);
  return (
    <>
      <div className="detail-head">
        <div className="grow">
          <h2><LevelMark level={order.level} />{word(ORDER_KINDS, order.kind)} <span className="nowrap">{order.number}</span> <StateChip words={ORDER_STATES} looks={ORDER_LOOKS} state={shownState(order)} />
            {order.escalation > 0 && order.state === "sent" && <Chip tone="red" sign="!">{t("escalated", { n: order.escalation })}</Chip>}</h2>
          <div className="sub">{nameOf(order.partner, order.partner_name)} · <AccountText value={order.account} /> {order.account_name ?? ""} · {regionName(order.region)}</div>
        </div>
        {end && <div className="right"><div className="faint" style={{ fontSize: 12 }}>{t(ENDS[end.what])}</div><Countdown large end={end.end} start={end.start} overWords={end.what === "hold" ? "ended" : "overdue"} /></div>}
      </div>
      <div className="detail-body" tabIndex={-1}>
        {order.news && <div className="note amber"><strong>{t("news")}</strong> {lang === "zh" ? order.news.zh : order.news.en} <span className="muted">{lang === "zh" ? order.news.zh_remedy : order.news.en_remedy}</span></div>}
        <div className="cols">
          <div>
            <FourPoints points={order.kind === "stop" ? "four" : "account"} subject={`order:${order.id}`} account={order.account} name={order.account_name} amount={order.check_amount} at={order.check_at} reference={order.check_reference} answer={order.answer} />
            {order.grounds.length > 0 && <Grounds order={order} />}
            <Card title={t("answer")}>
              {order.answer ? <AnswerFacts answer={order.answer} /> : <span className="faint">{t("answerNone")}</span>}
              {order.doubts.length > 0 && <ul role="alert" aria-label={t("doubts")} style={{ color: "var(--red)", marginTop: 6 }}>{order.doubts.map((doubt, n) => <li key={`${n}/${doubt.code}`}>⚠ {faultWords(doubt, lang).what} <span className="muted">{faultWords(doubt, lang).remedy}</span></li>)}</ul>}
            </Card>
            <Papers order={order} />
          </div>
          <div>
            <Card title={t("facts")}>
              <dl className="facts two">
                <Fact label={t("case")}><SubjectLink kind="case" id={order.case_id}>{order.case_number}</SubjectLink></Fact>
                <Fact label={t("report")}><SubjectLink kind="report" id={order.case_id}>{t("openReport")}</SubjectLink></Fact>
                <Fact label={t("level")}>{t("levelN", { n: order.level })}</Fact>
                {hasScope(order.kind) && <Fact label={t("scope")}>{order.amount ? t("limitAmount", { amount: formatMoney(order.amount) }) : t("wholeAccount")}{order.include_interest ? ` · ${t("withInterest")}` : ""}</Fact>}
                {order.held && <Fact label={t("heldNow")}><MoneyText money={order.held} /></Fact>}
                {order.period && <Fact wide label={t("period")}><TimeText at={order.period.from} /> – <TimeText at={order.period.to} /></Fact>}
                {order.until && <Fact label={t("untilAsked")}><TimeText at={order.until} /></Fact>}
                {order.refers_to && <Fact label={t("refersTo")}><SubjectLink kind="order" id={order.refers_to}>{t("openEarlier")}</SubjectLink></Fact>}
                {order.answer?.stops_used !== null && order.answer?.stops_used !== undefined && <Fact label={t("stopsUsed")}>{t("stopsTimes", { n: order.answer.stops_used })}</Fact>}
                <Fact label={t("maker")}><Actor who={order.maker} /></Fact>
                {(order.checker || order.rule) && <Fact label={t("checker")}>{order.rule ? <RuleName id={order.rule} /> : order.checker}</Fact>}
                {order.approval_level && <Fact label={t("approvalLevel")}>{word(APPROVAL_LEVELS, order.approval_level)}</Fact>}
                <Fact wide label={t("reason")}>{(lang === "en" && order.reason_en) || order.reason || "—"}</Fact>
                {order.decision_reason && <Fact wide label={t("decisionReason")}>{order.decision_reason}</Fact>}
                <Later order={order} />
              </dl>
            </Card>
            <Card title={t("timeline")}>
              <ol className="timeline">
                {stepsOf(order, nameOf(order.partner, order.partner_name)).map((step) => (
                  <li key={`${step.at}/${step.text}`}>
                    <span className="at"><TimeText at={step.at} shape="short" /></span>
                    <span className="pin" />
                    <span>{t(step.text)} <span className="faint"><Actor who={step.who} /></span></span>
                  </li>
                ))}
              </ol>
            </Card>
          </div>
        </div>
        {order.kind === "query_transactions" && order.answer?.transactions && <Card flush title={t("transactions", { n: order.answer.transactions.length })}><MovementTable movements={order.answer.transactions} /></Card>}
        <Card title={t("sealed")} extra={order.sealed_payload && <Button size="small" aria-expanded={sealed} onClick={() => setSealed(!sealed)}>{sealed ? t("sealedHide") : t("sealedShow")}</Button>}>
          {!order.sealed_payload && <span className="faint">{t("sealedNone")}</span>}
          {order.sealed_payload && !sealed && <span className="mono faint ellipsis" style={{ display: "block" }}>SHA-256 {order.sealed_sha256}</span>}
          {order.sealed_payload && sealed && <Sealed subject={`order:${order.id}`} header={order.sealed_header ?? {}} payload={order.sealed_payload} sha256={order.sealed_sha256 ?? ""} />}
        </Card>
      </div>
      <OrderActs order={order} />
    </>
  );
}
