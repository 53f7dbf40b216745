/** One account by its number: balances, holds, statement. */
import { Button, Input } from "antd";
import { useState } from "react";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useParams, useSearchParams } from "react-router";
import { get } from "../../api/client";
import type { BankAccount, Movement, Page } from "../../api/types";
import { MovementTable } from "../../shell/AnswerView";
import { timeFieldOf, TimeInput } from "../../shell/form";
import { instantOf } from "../../shell/format";
import { useT, useWord } from "../../shell/i18n";
import { AccountText, Card, Chip, Countdown, Fact, MoneyText, StateChip, TimeText } from "../../shell/pieces";
import { SubjectLink } from "../../shell/SubjectLink";
import { serverNow } from "../../shell/time";
import { Empty, Failed, Loading, QueryView } from "../../shell/views";
import { ACCOUNT_KINDS, ACCOUNT_STATES, BANK, HOLD_KINDS, HOLD_LOOKS, HOLD_STATES } from "../texts";

const DAYS_SHOWN = 90;

function Statement({ no }: { no: string }) {
  const t = useT(BANK);
  const [from, setFrom] = useState(timeFieldOf(serverNow() - DAYS_SHOWN * 86_400_000));
  const [to, setTo] = useState(timeFieldOf(serverNow() + 60_000));
  const query = useQuery({
    queryKey: ["accounts", no, "statement", { from, to }],
    queryFn: ({ signal }) => get<Page<Movement>>(`/accounts/${encodeURIComponent(no)}/statement`, { from: instantOf(from), to: instantOf(to), limit: 200 }, signal),
  });
  return (
    <Card flush title={t("statement")} extra={
      <span className="row">
        <TimeInput small label={t("statementFrom")} value={from} onChange={(text) => setFrom(text)} />
        <TimeInput small label={t("statementTo")} value={to} onChange={(text) => setTo(text)} />
      </span>
    }>
      {query.data ? <MovementTable movements={query.data.items} /> : query.isError ? <Failed error={query.error} retry={() => void query.refetch()} /> : <Loading lines={5} />}
    </Card>
  );
}

function Shown({ account }: { account: BankAccount }) {
  const t = useT(BANK);
  const word = useWord();
  return (
    <>
      <Card title={<><AccountText value={account.account} /> {account.name}</>} extra={account.protected_reason ? <Chip tone="amber" sign="★">{t("protected", { why: account.protected_reason })}</Chip> : undefined}>
        <dl className="facts" style={{ gridTemplateColumns: "repeat(3, minmax(170px, 1fr)) repeat(3, minmax(90px, auto))" }}>
          <Fact label={t("balance")}><MoneyText large money={account.balance} /></Fact>
          <Fact label={t("available")}><MoneyText large money={account.available} /></Fact>
          <Fact label={t("heldSum")}><MoneyText large money={account.held} /></Fact>
          <Fact label={t("kind")}>{word(ACCOUNT_KINDS, account.kind)}</Fact>
          <Fact label={t("state")}>{word(ACCOUNT_STATES, account.state)}</Fact>
          <Fact label={t("opened")}><TimeText at={account.opened_at} shape="date" /></Fact>
        </dl>
      </Card>
      <Card flush={account.holds.length > 0} title={t("holdsHere")}>
        {account.holds.length === 0 ? <span className="faint">{t("noHolds")}</span> : (
          <table className="sheet">
            <thead><tr><th>{t("position")}</th><th>{t("hold")}</th><th>{t("case")}</th><th className="num">{t("held")}</th><th>{t("state")}</th><th>{t("endsIn")}</th></tr></thead>
            <tbody>{account.holds.map((hold) => (
              <tr key={hold.id}>
                <td>{hold.position > 0 ? hold.position : <span className="faint">—</span>}</td><td><SubjectLink kind="hold" id={hold.id}>{word(HOLD_KINDS, hold.kind)}</SubjectLink></td><td>{hold.case_number}</td>
                <td className="num"><MoneyText money={hold.held} /></td><td><StateChip words={HOLD_STATES} looks={HOLD_LOOKS} state={hold.state} /></td>
                <td>{hold.ended_at ? <TimeText at={hold.ended_at} /> : <Countdown end={hold.until} start={hold.from} />}</td>
              </tr>
            ))}</tbody>
          </table>
        )}
      </Card>
    </>
  );
}

export default function Accounts() {
  const { no } = useParams();
  const t = useT(BANK);
  const go = useNavigate();
  const [params] = useSearchParams();
  const [typed, setTyped] = useState(no ?? params.get("find") ?? "");
  const query = useQuery({ queryKey: ["accounts", no], enabled: Boolean(no), queryFn: () => get<BankAccount>(`/accounts/${encodeURIComponent(no ?? "")}`) });
  return (
    <div className="page">
      <form className="page-head" onSubmit={(event) => { event.preventDefault(); const wanted = typed.replace(/[\s-]/g, ""); if (wanted) void go(`/accounts/${encodeURIComponent(wanted)}`); }}>
        <h1>{t("accountsTitle")}</h1>
        <Input style={{ width: 300 }} autoFocus={!no} aria-label={t("accountNo")} placeholder={t("accountNo")} value={typed} maxLength={48} onChange={(event) => setTyped(event.target.value)} />
        <Button type="primary" htmlType="submit">{t("accountFind")}</Button>
        <span className="faint">{t("accountHint")}</span>
      </form>
      {!no ? <Empty icon="accounts" title={t("accountPick")} /> : <QueryView query={query} right="bank.holds.read">{(account) => <><Shown account={account} /><Statement key={no} no={no} /></>}</QueryView>}
    </div>
  );
}
