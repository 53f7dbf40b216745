/** An order about a line: what is asked, what the operator answered, who was in touch, and the sealed text. */
import { Button } from "antd";
import { useState } from "react";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { get } from "../../api/client";
import type { LineContact, LineOrder, Page, StandingRule } from "../../api/types";
import { Actor } from "../../shell/Actor";
import { formatLeft } from "../../shell/format";
import { useLang, useT, useWord } from "../../shell/i18n";
import { usePartners } from "../../shell/partners";
import { Card, Chip, Countdown, Fact, PhoneText, StateChip, TimeText } from "../../shell/pieces";
import { faultWords } from "../../shell/problem";
import { useRegionName } from "../../shell/region";
import { Reveal } from "../../shell/Reveal";
import { Sealed } from "../../shell/Sealed";
import { SubjectLink } from "../../shell/SubjectLink";
import { Loading, QueryView } from "../../shell/views";
import { answerLook, CONTACT_CHANNELS, CONTACT_DIRECTIONS, LINE_ANSWERS, LINE_KINDS, LINE_LOOKS, LINE_STATES } from "../../words/line";
import { LineActs } from "./LineActs";
import { endOf, stepsOf } from "./model";
import { LINES } from "./texts";

const CONTACTS_PAGE = 200;

export function LineOrderDetail({ id }: { id: string }) {
  const query = useQuery({ queryKey: ["line-orders", id], queryFn: () => get<LineOrder>(`/line-orders/${id}`) });
  return <QueryView query={query} right="lines.read">{(order) => <Shown order={order} />}</QueryView>;
}

function RuleName({ id }: { id: string }) {
  const t = useT(LINES);
  const rules = useQuery({ queryKey: ["rules"], queryFn: async () => (await get<Page<StandingRule>>("/standing-rules")).items, staleTime: 60_000, retry: false }).data;
  return <Chip tone="accent" sign="§" title={t("byRule")}>{rules?.find((rule) => rule.id === id)?.name ?? t("byRule")}</Chip>;
}

function AnswerCard({ order }: { order: LineOrder }) {
  const t = useT(LINES);
  const word = useWord();
  const lang = useLang();
  const { answer } = order;
  return (
    <Card title={t("answer")}>
      {!answer ? <span className="faint">{t("answerNone")}</span> : (
        <>
          <div className="row-wrap" style={{ marginBottom: 8 }}><Chip {...answerLook(answer.code)}>{word(LINE_ANSWERS, answer.code)}</Chip><span>{answer.words[lang] || answer.words.zh}</span>{answer.code !== "done" && <span className="muted">{answer.words[`${lang}_remedy`]}</span>}</div>
          <dl className="facts">
            {answer.at && <Fact label={t("tookEffect")}><TimeText at={answer.at} shape="full" /></Fact>}
            {answer.until && <Fact label={t("until")}><TimeText at={answer.until} shape="full" /></Fact>}
            {answer.records_from && <Fact label={t("recordsFrom")}><TimeText at={answer.records_from} /></Fact>}
            {answer.messages && (
              <>
                <Fact label={t("warned")}><strong>{answer.messages.sent}</strong></Fact>
                <Fact label={t("warnedBefore")}>{answer.messages.warned_before}</Fact>
                <Fact label={t("notOurs")}>{answer.messages.not_ours}</Fact>
                {answer.messages.failed > 0 && <Fact label={t("failed")}><span style={{ color: "var(--red)" }}>{answer.messages.failed}</span></Fact>}
              </>
            )}
          </dl>
          {answer.faults.length > 0 && <ul style={{ color: "var(--red)" }}>{answer.faults.map((fault) => <li key={`${fault.field}/${fault.code}`}>✕ {faultWords(fault, lang).what}</li>)}</ul>}
          {answer.more && <p className="muted" style={{ marginTop: 6 }}>{t("more")}</p>}
          {answer.cuts.length > 0 && (
            <table className="sheet" style={{ marginTop: 8 }}>
              <caption className="visually-hidden">{t("cuts")}</caption>
              <thead><tr><th>{t("cutFrom")}</th><th>{t("cutTo")}</th><th>{t("cutStarted")}</th><th>{t("cutAt")}</th></tr></thead>
              <tbody>{answer.cuts.map((cut) => <tr key={`${cut.caller}/${cut.callee}/${cut.started_at}`}><td><PhoneText value={cut.caller} /></td><td><PhoneText value={cut.callee} /></td><td><TimeText at={cut.started_at} shape="clock" /></td><td><TimeText at={cut.cut_at} shape="clock" /></td></tr>)}</tbody>
            </table>
          )}
        </>
      )}
    </Card>
  );
}

function Contacts({ order }: { order: LineOrder }) {
  const t = useT(LINES);
  const word = useWord();
  const lang = useLang();
  const query = useInfiniteQuery({
    queryKey: ["line-orders", order.id, "contacts"],
    initialPageParam: "",
    queryFn: ({ pageParam, signal }) => get<Page<LineContact>>(`/line-orders/${order.id}/contacts`, { cursor: pageParam, limit: CONTACTS_PAGE }, signal),
    getNextPageParam: (page) => page.next ?? undefined,
  });
  const contacts = query.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Card flush title={`${t("contacts")} · ${order.contacts}`}>
      {query.isPending ? <Loading lines={4} /> : contacts.length === 0 ? <p className="faint" style={{ padding: "8px 12px" }}>{t("contactsNone")}</p> : (
        <div className="sheet-wrap bare" style={{ maxHeight: 420 }} tabIndex={0}>
          <table className="sheet">
            <thead><tr><th>{t("contact")}</th><th>{t("way")}</th><th>{t("first")}</th><th>{t("last")}</th><th className="num">{t("times")}</th><th className="num">{t("spoken")}</th></tr></thead>
            <tbody>{contacts.map((one) => (
              <tr key={one.position}>
                <td><Reveal subject={`line:${order.id}`} field={`contacts[${one.position}]`} shape="phone"><PhoneText value={one.number} /></Reveal></td>
                <td className="nowrap">{word(CONTACT_CHANNELS, one.channel)} · {word(CONTACT_DIRECTIONS, one.direction)}</td>
                <td><TimeText at={one.first} /></td><td><TimeText at={one.last} /></td>
                <td className="num">{one.count}</td>
                <td className="num">{one.duration_seconds ? formatLeft(one.duration_seconds * 1000, lang) : <span className="faint">—</span>}</td>
              </tr>
            ))}</tbody>
          </table>
          {query.hasNextPage && <div style={{ padding: 10, textAlign: "center" }}><Button size="small" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>{t("loadMore")}</Button></div>}
        </div>
      )}
    </Card>
  );
}

function Shown({ order }: { order: LineOrder }) {
  const t = useT(LINES);
  const lang = useLang();
  const word = useWord();
  const { nameOf } = usePartners();
  const regionName = useRegionName();
  const [sealed, setSealed] = useState(false);
  const end = endOf(order);
  const operator = nameOf(order.partner, order.partner_name);
  const past = order.kind === "query_contacts" || order.kind === "warn_contacts";
  return (
    <>
      <div className="detail-head">
        <div className="grow">
          <h2>{word(LINE_KINDS, order.kind)} <span className="nowrap">{order.number}</span> <StateChip words={LINE_STATES} looks={LINE_LOOKS} state={order.state} />
            {order.escalation > 0 && order.state === "sent" && <Chip tone="red" sign="!">{t("escalated", { n: order.escalation })}</Chip>}</h2>
          <div className="sub">{operator} · <PhoneText value={order.line} /> · {regionName(order.region)}</div>
        </div>
        {end && <div className="right"><div className="faint" style={{ fontSize: 12 }}>{t(end.what === "answer" ? "endAnswer" : "endMeasure")}</div><Countdown large end={end.end} start={end.start} overWords={end.what === "measure" ? "ended" : "overdue"} /></div>}
      </div>
      <div className="detail-body" tabIndex={-1}>
        <div className="cols">
          <div>
            <AnswerCard order={order} />
            {order.others.length > 0 && (
              <Card title={t("others")}><ul>{order.others.map((other) => (
                <li key={other.id} className="row"><SubjectLink kind="line" id={other.id}>{other.number}</SubjectLink> <span className="ellipsis">{nameOf(other.partner, other.partner_name)}</span> <StateChip words={LINE_STATES} looks={LINE_LOOKS} state={other.state} />
                  {other.contacts > 0 && <span className="muted">{t("contactsFound", { n: other.contacts })}</span>}</li>
              ))}</ul></Card>
            )}
            <Card title={t("timeline")}>
              <ol className="timeline">{stepsOf(order, operator).map((step) => (
                <li key={`${step.at}/${step.text}`}><span className="at"><TimeText at={step.at} shape="short" /></span><span className="pin" /><span>{t(step.text)} <span className="faint"><Actor who={step.who} /></span></span></li>
              ))}</ol>
            </Card>
          </div>
          <Card title={t("facts")}>
            <dl className="facts two">
              <Fact label={past ? t("involved") : t("line")}><Reveal subject={`line:${order.id}`} field="line" shape="phone"><PhoneText value={order.line} /></Reveal></Fact>
              {order.counterpart && <Fact label={t("counterpart")}><Reveal subject={`line:${order.id}`} field="counterpart" shape="phone"><PhoneText value={order.counterpart} /></Reveal></Fact>}
              <Fact label={t("operator")}>{operator}</Fact>
              <Fact label={t("case")}><SubjectLink kind="report" id={order.case_id}>{order.case_number}</SubjectLink></Fact>
              {order.period && <Fact wide label={t("period")}><TimeText at={order.period.from} /> – <TimeText at={order.period.to} /></Fact>}
              {!past && order.kind !== "cut_call" && order.kind !== "lift" && <Fact label={t("until")}>{order.until ? <TimeText at={order.until} /> : t("noEnd")}</Fact>}
              {order.include_foreign && <Fact label={t("foreign")}>{t("foreignToo")}</Fact>}
              {order.label && <Fact wide label={t("labelShown")}>{order.label}</Fact>}
              {order.warning_text && <Fact wide label={t("warningText")}>{order.warning_text}</Fact>}
              {order.warning_text_en && <Fact wide label={t("warningTextEn")}>{order.warning_text_en}</Fact>}
              {order.refers_to && <Fact label={t("refersTo")}><SubjectLink kind="line" id={order.refers_to}>{t("openEarlier")}</SubjectLink></Fact>}
              <Fact label={t("maker")}><Actor who={order.maker} /></Fact>
              {(order.checker || order.rule) && <Fact label={t("checker")}>{order.rule ? <RuleName id={order.rule} /> : order.checker}</Fact>}
              <Fact wide label={t("reason")}>{(lang === "en" && order.reason_en) || order.reason || "—"}</Fact>
              {order.decision_reason && <Fact wide label={t("decisionReason")}>{order.decision_reason}</Fact>}
            </dl>
          </Card>
        </div>
        {(order.contacts > 0 || (order.kind === "query_contacts" && order.state === "done")) && <Contacts order={order} />}
        <Card title={t("sealed")} extra={order.sealed_payload && <Button size="small" aria-expanded={sealed} onClick={() => setSealed(!sealed)}>{sealed ? t("sealedHide") : t("sealedShow")}</Button>}>
          {!order.sealed_payload && <span className="faint">{t("sealedNone")}</span>}
          {order.sealed_payload && !sealed && <span className="mono faint ellipsis" style={{ display: "block" }}>SHA-256 {order.sealed_sha256}</span>}
          {order.sealed_payload && sealed && <Sealed subject={`line:${order.id}`} header={order.sealed_header ?? {}} payload={order.sealed_payload} sha256={order.sealed_sha256 ?? ""} />}
        </Card>
      </div>
      <LineActs order={order} />
    </>
  );
}
