/** A report as it stands: facts, payments, contacts, the orders that came of it. */
import { Button } from "antd";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "react-router";
import { get, post } from "../../api/client";
import type { OrderRow, Page, Report } from "../../api/types";
import { MOVEMENT_CHANNELS, ORDER_LOOKS, ORDER_STATES, shownState } from "../../words/order";
import { CONTACT_KINDS, REPORT_CHANNELS, REPORT_LOOKS, REPORT_STATES } from "../../words/report";
import { ActBar, ReasonForm, type Act } from "../../shell/ActBar";
import { addMoney, parseMoney } from "../../shell/format";
import { useLang, useT, useWord } from "../../shell/i18n";
import { useMoved } from "../../shell/moved";
import { usePartners } from "../../shell/partners";
import { AccountText, Card, Fact, MoneyText, PhoneText, StateChip, TimeText } from "../../shell/pieces";
import { useRegionName, useScamTypes } from "../../shell/region";
import { Reveal } from "../../shell/Reveal";
import { useSession } from "../../shell/session";
import { SubjectLink } from "../../shell/SubjectLink";
import { faultWords, ProblemAlert } from "../../shell/problem";
import { QueryView } from "../../shell/views";
import { Telephones } from "../lines/Telephones";
import { PAIR_LISTS } from "./Pairs";
import { bankLacks } from "./draft";
import { INTAKE } from "./texts";

export function ReportDetail({ id, onEdit }: { id: string; onEdit: () => void }) {
  const query = useQuery({ queryKey: ["reports", id], queryFn: () => get<Report>(`/reports/${id}`) });
  return <QueryView query={query} right="intake.read">{(report) => <Shown report={report} onEdit={onEdit} />}</QueryView>;
}

/** An amount as typed is shown as money where it reads. */
function amountShown({ amount, currency }: Report["payments"][number]) {
  const money = typeof amount === "string" ? parseMoney(amount, currency || "CNY") : amount;
  return money ? <MoneyText money={money} /> : String(amount) || "—";
}

function Shown({ report, onEdit }: { report: Report; onEdit: () => void }) {
  const t = useT(INTAKE);
  const word = useWord();
  const lang = useLang();
  const go = useNavigate();
  const { may } = useSession();
  const client = useQueryClient();
  const { nameOf, banks } = usePartners();
  const lacks = (bank: string) => bankLacks(bank, banks);
  const regionName = useRegionName();
  const types = useScamTypes();
  const subject = `report:${report.id}`;
  // The case is the report, or the one to which it was joined.
  const caseId = report.joined_to?.id ?? report.id;
  const orders = useQuery({
    queryKey: ["orders", { case: caseId }],
    queryFn: async () => (await get<Page<OrderRow>>("/orders", { case: caseId, limit: 200 })).items,
    enabled: report.state !== "draft" && may("stop.read"),
  }).data ?? [];
  const { moved, renew, run } = useMoved(PAIR_LISTS);
  const acts: Act[] = [];
  if (report.allowed.includes("change")) acts.push({ key: "edit", label: t("edit"), hotkey: "e", tone: "primary", run: onEdit });
  if (report.state === "draft" && report.allowed.includes("submit") && report.faults.length === 0) {
    acts.push({
      key: "take", label: t("take"), hotkey: "t",
      panel: (leave) => <ReasonForm title={t("take")} hint={t("takeHint")} confirm={t("take")} reason="none" leave={leave} onDone={() => void client.invalidateQueries({ queryKey: ["reports"] })} submit={async (_reason, key) => { await post(`/reports/${report.id}/submit`, { version: report.version }, key); }} />,
    });
  }
  const undecided = may("intake.write") ? report.duplicates.filter((pair) => pair.verdict === null && pair.state !== "closed" && pair.state !== "joined") : [];
  if (undecided[0] && (report.state === "draft" || report.state === "submitted")) {
    const other = undecided[0];
    for (const [verdict, label] of [["same", t("pairSame")], ["separate", t("pairSeparate")]] as const) {
      acts.push({
        key: `pair-${verdict}`, label: `${label} ${other.number}`,
        panel: (leave) => <ReasonForm title={`${label} ${other.number}`} confirm={label} leave={leave} onDone={renew} submit={(reason, key) => run(() => post(`/reports/${report.id}/pairs/${other.report_id}`, { verdict, reason }, key), leave)} />,
      });
    }
  }
  if (orders[0]) acts.push({ key: "orders", label: t("openOrders"), hotkey: "o", run: () => void go(`/stop/${orders[0]?.id}`) });
  if (report.state !== "draft" && may("chase.read")) acts.push({ key: "chase", label: t("openChase"), hotkey: "c", run: () => void go(`/chase/${caseId}`) });
  if (report.allowed.includes("close")) {
    acts.push({
      key: "close", label: t("close"),
      panel: (leave) => <ReasonForm title={t("close")} hint={t("closeHint")} confirm={t("close")} leave={leave} onDone={() => void client.invalidateQueries({ queryKey: ["reports"] })} submit={async (reason, key) => { await post(`/reports/${report.id}/close`, { reason }, key); }} />,
    });
  }
  const sums = report.payments.flatMap((payment) => (typeof payment.amount === "string" ? (parseMoney(payment.amount) ?? []) : [payment.amount]));

  return (
    <>
      <div className="detail-head">
        <div className="grow">
          <h2>{report.number} <StateChip words={REPORT_STATES} looks={REPORT_LOOKS} state={report.state} />
            {report.joined_to && <span className="sub">→ <SubjectLink kind="report" id={report.joined_to.id}>{report.joined_to.number}</SubjectLink></span>}</h2>
          <div className="sub">{word(REPORT_CHANNELS, report.channel)} · {regionName(report.region)} · {types.nameOf(report.scam_type)}</div>
        </div>
        {sums.length > 0 && <div className="right"><div className="faint" style={{ fontSize: 12 }}>{t("lost")}</div><MoneyText large money={addMoney(sums)} /></div>}
      </div>
      <div className="detail-body" tabIndex={-1}>
        <ProblemAlert error={moved} />
        {report.state === "draft" && report.channel === "public" && <div className="note amber">{t("fromPublic")}</div>}
        {(report.payments_waiting ?? 0) > 0 && <div className="note amber">{t("paymentsWaiting", { count: String(report.payments_waiting) })}{may("stop.read") && <> <Link to="/stop/to-place">{t("toPlace")}</Link></>}</div>}
        {report.duplicates.length > 0 && (
          <div className="note"><strong>{t("pairs")}</strong><ul>{report.duplicates.map((pair) => (
            <li key={pair.report_id}><SubjectLink kind="report" id={pair.report_id}>{pair.number}</SubjectLink> <StateChip words={REPORT_STATES} looks={REPORT_LOOKS} state={pair.state} /> <span className="muted">{pair.verdict ? t("pairDecided", { who: pair.decided_by ?? "", verdict: pair.verdict === "same" ? t("pairSame") : t("pairSeparate"), reason: pair.reason ?? "" }) : pair.certainty === "same" ? t("pairSure") : t("pairPossible")}</span></li>
          ))}</ul></div>
        )}
        {report.warnings.length > 0 && (
          <div className="note amber"><strong>{t("warnings")}</strong><ul>{report.warnings.map((one) => <li key={`${one.field}/${one.code}`}>{faultWords(one, lang).what} <span className="muted">{faultWords(one, lang).remedy}</span></li>)}</ul></div>
        )}
        <Card title={t("facts")}>
          <dl className="facts">
            <Fact label={t("name")}><Reveal subject={subject} field="victim.name">{report.victim.name || "—"}</Reveal></Fact>
            <Fact label={t("phone")}>{report.victim.phone ? <Reveal subject={subject} field="victim.phone" shape="phone"><PhoneText value={report.victim.phone} /></Reveal> : "—"}</Fact>
            <Fact label={t("citizenId")}>{report.victim.citizen_id ? <Reveal subject={subject} field="victim.citizen_id">{report.victim.citizen_id}</Reveal> : "—"}</Fact>
            <Fact label={t("homeRegion")}>{regionName(report.victim.region)}</Fact>
            <Fact label={t("occurredAt")}>{report.occurred_at.includes("T") ? <TimeText at={report.occurred_at} /> : report.occurred_at || "—"}</Fact>
            <Fact label={t("submittedAt")}><TimeText at={report.submitted_at} /></Fact>
            <Fact label={t("madeBy")}>{report.created_by}</Fact>
          </dl>
        </Card>
        <Card title={t("paymentPart")} flush>
          <div className="sheet-wrap bare">
            <table className="sheet">
              <thead><tr><th>{t("paidAt")}</th><th>{t("payeeAccount")}</th><th>{t("payeeBank")}</th><th>{t("howPaid")}</th><th className="num">{t("amount")}</th></tr></thead>
              <tbody>
                {report.payments.map((payment, index) => (
                  // oxlint-disable-next-line react/no-array-index-key
                  <tr key={index}>
                    <td>{payment.paid_at.includes("T") ? <TimeText at={payment.paid_at} /> : payment.paid_at || "—"}</td>
                    <td><Reveal subject={subject} field={`payments[${index}].payee_account`} shape="account"><AccountText value={payment.payee_account} /></Reveal><br /><span className="muted">{payment.payee_name}</span></td>
                    <td>{nameOf(payment.payee_bank)}{lacks(payment.payee_bank) && <><br /><span className="muted">⚠ {t(lacks(payment.payee_bank) ?? "bankUnknown")}</span></>}</td>
                    <td>{word(MOVEMENT_CHANNELS, payment.channel)}{payment.reference && <><br /><span className="faint mono">{payment.reference}</span></>}</td>
                    <td className="num">{amountShown(payment)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </Card>
        <div className="cols">
          <Card title={t("narrative")}><div style={{ whiteSpace: "pre-wrap", overflowWrap: "anywhere" }}>{report.narrative ? <Reveal subject={subject} field="narrative">{report.narrative} </Reveal> : "—"}</div></Card>
          <div>
            <Card title={t("contactPart")}>
              {report.contacts.length === 0 ? <span className="faint">—</span> : (
                <ul>{report.contacts.map((contact, index) => (
                  // oxlint-disable-next-line react/no-array-index-key
                  <li key={index}><span className="muted">{word(CONTACT_KINDS, contact.kind)}</span> {contact.kind === "phone" ? <PhoneText value={contact.value} /> : <span className="mono">{contact.value}</span>}</li>
                ))}</ul>
              )}
            </Card>
            <Telephones reportId={report.id} shown={report.state !== "draft" && report.contacts.some((contact) => contact.kind === "phone")} />
            <Card title={t("ordersPart")}>
              {orders.length > 0 ? (
                <ul>{orders.map((order) => <li key={order.id} className="row"><SubjectLink kind="order" id={order.id}>{order.number}</SubjectLink> <StateChip words={ORDER_STATES} looks={ORDER_LOOKS} state={shownState(order)} /></li>)}</ul>
              ) : <span className="faint">{report.payments.some((payment) => lacks(payment.payee_bank)) ? t("noOrdersWaiting") : t("noOrders")}</span>}
            </Card>
          </div>
        </div>
      </div>
      <ActBar acts={acts} scope={report.id} extra={<Button className="no-print" onClick={() => window.print()}>{t("print")}</Button>} />
    </>
  );
}
