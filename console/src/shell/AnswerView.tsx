/** A bank's answer, as the police seat reads it and as the bank seat sees what it said. */
import type { Answer, Money, Movement } from "../api/types";
import { ANSWER_CODES, MISMATCHES, MOVEMENT_CHANNELS, ORDER_KINDS } from "../words/order";
import { texts, useLang, useT, useWord } from "./i18n";
import { usePartners } from "./partners";
import { AccountText, Chip, Fact, MoneyText, PhoneText, TimeText } from "./pieces";

export const ANSWER = texts({
  held: { zh: "已控制", en: "Held" },
  available: { zh: "可用余额", en: "Available" },
  balance: { zh: "账面余额", en: "Balance" },
  from: { zh: "控制起", en: "From" },
  until: { zh: "控制止", en: "Until" },
  stops: { zh: "已用止付次数", en: "Stops used" },
  differ: { zh: "不符项", en: "What differs" },
  existing: { zh: "在先措施", en: "Measures already there" },
  behind: { zh: "该账户另有在先措施，资金已由其控制；本次只控制其余部分。", en: "Another measure on the account stands before this one and holds the money; this one holds what that leaves." },
  authority: { zh: "机关", en: "Authority" },
  measure: { zh: "措施", en: "Measure" },
  amount: { zh: "金额", en: "Amount" },
  whole: { zh: "整个账户", en: "Whole account" },
  position: { zh: "顺位", en: "Position" },
  holder: { zh: "户主", en: "Holder" },
  idNumber: { zh: "证件号", en: "ID number" },
  phones: { zh: "预留电话", en: "Phones" },
  opened: { zh: "开户", en: "Opened" },
  accounts: { zh: "名下账户", en: "Accounts of the holder" },
  time: { zh: "时间", en: "Time" },
  incoming: { zh: "收", en: "In" },
  outgoing: { zh: "付", en: "Out" },
  balanceAfter: { zh: "余额", en: "Balance" },
  other: { zh: "对方", en: "Counterparty" },
  channel: { zh: "方式", en: "Channel" },
  note: { zh: "摘要", en: "Memo" },
  more: { zh: "明细较多，此处为首批；请缩短区间再次查询。", en: "There is more than this; ask again for a shorter period." },
  noMovements: { zh: "该区间没有交易。", en: "No transaction in this period." },
});

const BAD = new Set(["no_such_account", "name_mismatch", "amount_or_time_mismatch", "protected_account", "stops_used_up", "order_incomplete", "papers_missing", "seal_not_valid", "internal_failure", "function_not_offered"]);

export function AnswerChip({ code }: { code: string }) {
  const word = useWord();
  const good = code === "done";
  return <Chip tone={good ? "green" : BAD.has(code) ? "red" : "amber"} sign={good ? "✓" : BAD.has(code) ? "✕" : "◐"}>{word(ANSWER_CODES, code)}</Chip>;
}

/** Whether less is held than was asked because earlier measures hold the money, and not because the balance is below it. */
export function standsBehind(answer: Pick<Answer, "code" | "held" | "balance" | "existing">): boolean {
  const { held, balance } = answer;
  return answer.code === "done_in_part" && Boolean(held && balance && held.minor < balance.minor) && (answer.existing ?? []).some((hold) => hold.position === 0);
}

export function AnswerFacts({ answer }: { answer: Answer }) {
  const t = useT(ANSWER);
  const lang = useLang();
  const word = useWord();
  const money = (sum: Money | null | undefined) => (sum ? <MoneyText money={sum} /> : null);
  return (
    <>
      <div className="row-wrap" style={{ marginBottom: 8 }}>
        <AnswerChip code={answer.code} />
        {standsBehind(answer) ? <span>{t("behind")}</span> : answer.words && <span>{answer.words[lang] || answer.words.zh}</span>}
      </div>
      <dl className="facts">
        {money(answer.held) && <Fact label={t("held")}><strong>{money(answer.held)}</strong></Fact>}
        {money(answer.available) && <Fact label={t("available")}>{money(answer.available)}</Fact>}
        {money(answer.balance) && <Fact label={t("balance")}>{money(answer.balance)}</Fact>}
        {answer.from && <Fact label={t("from")}><TimeText at={answer.from} /></Fact>}
        {answer.until && <Fact label={t("until")}><TimeText at={answer.until} /></Fact>}
        {(answer.stops_used ?? null) !== null && <Fact label={t("stops")}>{answer.stops_used}</Fact>}
        {(answer.position ?? null) !== null && <Fact label={t("position")}>{answer.position}</Fact>}
        {(answer.mismatches?.length ?? 0) > 0 && <Fact label={t("differ")}><span style={{ color: "var(--red)" }}>{answer.mismatches?.map((what) => word(MISMATCHES, what)).join(" · ")}</span></Fact>}
        {answer.holder && (
          <>
            <Fact label={t("holder")}>{answer.holder.name}</Fact>
            {answer.holder.id_number && <Fact label={t("idNumber")}>{answer.holder.id_number}</Fact>}
            {(answer.holder.phones?.length ?? 0) > 0 && <Fact label={t("phones")}>{answer.holder.phones?.map((phone) => <PhoneText key={phone} value={phone} />)}</Fact>}
            {answer.holder.opened_at && <Fact label={t("opened")}><TimeText at={answer.holder.opened_at} shape="date" /></Fact>}
          </>
        )}
        {(answer.accounts?.length ?? 0) > 0 && <Fact wide label={t("accounts")}>{answer.accounts?.map((account) => <div key={account.account} className="row"><AccountText value={account.account} /> {account.name} <span className="grow" /> <MoneyText money={account.balance} /></div>)}</Fact>}
      </dl>
      {(answer.faults?.length ?? 0) > 0 && <ul style={{ color: "var(--red)", marginTop: 6 }}>{answer.faults?.map((fault) => <li key={`${fault.field}/${fault.code}`}>✕ {fault[lang] || fault.zh}</li>)}</ul>}
      {answer.more && <p className="muted" style={{ marginTop: 6 }}>{t("more")}</p>}
      {(answer.existing?.length ?? 0) > 0 && (
        <table className="sheet" style={{ marginTop: 8 }}>
          <caption style={{ textAlign: "left", fontSize: 12, color: "var(--ink-2)" }}>{t("existing")}</caption>
          <thead><tr><th>{t("position")}</th><th>{t("authority")}</th><th>{t("measure")}</th><th className="num">{t("amount")}</th><th>{t("until")}</th></tr></thead>
          <tbody>{answer.existing?.map((hold) => (
            <tr key={`${hold.position}/${hold.case_number}`}>
              <td>{hold.position}</td><td>{hold.authority}</td><td>{word(ORDER_KINDS, hold.kind)}</td>
              <td className="num">{hold.amount_minor ? <MoneyText money={{ minor: hold.amount_minor, currency: answer.held?.currency ?? "CNY" }} /> : t("whole")}</td><td><TimeText at={hold.until} /></td>
            </tr>
          ))}</tbody>
        </table>
      )}
    </>
  );
}

export function MovementTable({ movements }: { movements: Movement[] }) {
  const t = useT(ANSWER);
  const word = useWord();
  const { nameOf } = usePartners();
  if (movements.length === 0) return <p className="faint" style={{ padding: "8px 12px" }}>{t("noMovements")}</p>;
  return (
    <div className="sheet-wrap bare" style={{ maxHeight: 360 }} tabIndex={0}>
      <table className="sheet">
        <thead><tr><th>{t("time")}</th><th>{t("channel")}</th><th>{t("other")}</th><th className="num">{t("amount")}</th><th className="num">{t("balanceAfter")}</th></tr></thead>
        <tbody>
          {movements.map((one) => (
            <tr key={one.id}>
              <td><TimeText at={one.at} shape="full" /></td>
              <td>{word(MOVEMENT_CHANNELS, one.channel)}{one.memo && <><br /><span className="faint">{one.memo}</span></>}</td>
              <td>{one.counterparty_account ? <><AccountText value={one.counterparty_account} /><br /><span className="muted">{[one.counterparty_name, one.counterparty_bank && nameOf(one.counterparty_bank)].filter(Boolean).join(" · ")}</span></> : "—"}</td>
              <td className="num"><span className="faint">{one.direction === "in" ? t("incoming") : t("outgoing")}</span> <MoneyText bare money={one.direction === "in" ? one.amount : { ...one.amount, minor: -one.amount.minor }} /></td>
              <td className="num"><MoneyText bare money={one.balance_after} /></td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
