/** The four points that the bank compares with its books before it stops (银发〔2016〕86号). */
import type { ReactNode } from "react";
import type { Answer, Money } from "../api/types";
import { texts, useT } from "./i18n";
import { AccountText, Card, MoneyText, TimeText } from "./pieces";
import { Reveal } from "./Reveal";

const FOUR = texts({
  title: { zh: "四要素核对", en: "Four-point check" },
  account: { zh: "账户", en: "Account" },
  hint: { zh: "任一不符，银行不得止付", en: "The bank must not stop if one differs" },
  point: { zh: "要素", en: "Point" },
  asked: { zh: "指令所载", en: "In the order" },
  found: { zh: "银行比对", en: "Bank" },
  accountNo: { zh: "账号", en: "Account" },
  accountName: { zh: "户名", en: "Name" },
  amount: { zh: "交易金额", en: "Amount" },
  time: { zh: "交易时间", en: "Time" },
  agrees: { zh: "一致", en: "Agrees" },
  differs: { zh: "不符", en: "Differs" },
  notYet: { zh: "待反馈", en: "No answer yet" },
  notTold: { zh: "未提供", en: "Not given" },
  notChecked: { zh: "未比对", en: "Not checked" },
});

const COMPARED = new Set(["done", "done_in_part", "name_mismatch", "amount_or_time_mismatch", "waiting_in_line", "already_stopped", "already_frozen"]);

interface FourPointsProps {
  /** Only a stop is checked against a transfer; other orders name the account alone. */
  points: "four" | "account";
  subject: string;
  account: string;
  name?: string | null;
  amount?: Money | null;
  at?: string | null;
  reference?: string | null;
  answer?: Answer | null;
}

export function FourPoints({ points, subject, account, name, amount, at, reference, answer }: FourPointsProps) {
  const t = useT(FOUR);
  const mark = (point: string) => {
    if (points === "account" && !answer?.mismatches?.includes(point) && answer?.code !== "no_such_account") return null;
    if (!answer) return <span className="faint">… {t("notYet")}</span>;
    if (answer.mismatches?.includes(point) || (point === "account_number" && answer.code === "no_such_account")) return <strong style={{ color: "var(--red)" }}>✕ {t("differs")}</strong>;
    if (!COMPARED.has(answer.code)) return <span className="faint">— {t("notChecked")}</span>;
    return <span style={{ color: "var(--green)" }}>✓ {t("agrees")}</span>;
  };
  const none = <span className="faint">{t("notTold")}</span>;
  const all: [string, string, ReactNode][] = [
    ["account_number", t("accountNo"), <Reveal key="a" subject={subject} field="account" shape="account"><strong><AccountText value={account} /></strong></Reveal>],
    ["account_name", t("accountName"), name ? <Reveal key="n" subject={subject} field="account_name">{name}</Reveal> : none],
    ["amount", t("amount"), amount ? <MoneyText key="m" money={amount} /> : none],
    ["time", t("time"), at ? <span key="t"><TimeText at={at} shape="full" />{reference && <><br /><span className="faint mono">{reference}</span></>}</span> : none],
  ];
  const rows = points === "four" ? all : all.slice(0, 2);
  return (
    <Card title={points === "four" ? t("title") : t("account")} extra={points === "four" && <span className="faint" style={{ fontSize: 12 }}>{t("hint")}</span>} flush>
      <table className="sheet">
        <thead className={points === "four" ? undefined : "visually-hidden"}><tr><th>{t("point")}</th><th>{t("asked")}</th><th>{t("found")}</th></tr></thead>
        <tbody>{rows.map(([point, label, value]) => <tr key={point}><td className="muted nowrap">{label}</td><td>{value}</td><td className="nowrap">{mark(point)}</td></tr>)}</tbody>
      </table>
    </Card>
  );
}
