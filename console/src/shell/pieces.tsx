/** Small pieces that every desk uses: money, phones, accounts, times, chips, countdowns. */
import { Tooltip } from "antd";
import { createContext, useContext, type ReactNode } from "react";
import type { Money } from "../api/types";
import { gradeOf, type Grade } from "./countdown";
import { accountTail, formatAccount, formatLeft, formatMoney, formatPhone, formatTime, magnitude, type TimeShape } from "./format";
import { useLang, useT, useWord, type Texts } from "./i18n";
import { SHELL } from "./texts";
import { useNow } from "./time";

/** Money with separators and sign; large sums also in 万 and 亿. */
export function MoneyText({ money, large, bare }: { money: Money | null | undefined; large?: boolean; bare?: boolean }) {
  const lang = useLang();
  if (!money) return <span className="faint">—</span>;
  const size = bare ? null : magnitude(money, lang);
  return (
    <span className={large ? "money large" : "money"}>
      {formatMoney(money)}
      {size && <small>{size}</small>}
    </span>
  );
}

export function PhoneText({ value }: { value: string | null | undefined }) {
  return value ? <span className="nowrap">{formatPhone(value)}</span> : <span className="faint">—</span>;
}

export function AccountText({ value, tail }: { value: string | null | undefined; tail?: boolean }) {
  if (!value) return <span className="faint">—</span>;
  return <span className="nowrap">{tail ? `*${accountTail(value)}` : formatAccount(value)}</span>;
}

/** A time in the home zone; the whole time with its zone on hover. */
export function TimeText({ at, shape = "minute" }: { at: string | null | undefined; shape?: TimeShape }) {
  const t = useT(SHELL);
  if (!at) return <span className="faint">—</span>;
  return (
    <time dateTime={at} title={t("zoneFull", { time: formatTime(at, "full") })} className="nowrap">
      {formatTime(at, shape)}
    </time>
  );
}

export type Tone = "" | "accent" | "amber" | "red" | "green";

export function Chip({ tone = "", sign, line, children, title }: { tone?: Tone; sign?: string; line?: boolean; children: ReactNode; title?: string }) {
  return (
    <span className={`chip ${tone} ${line ? "line" : ""}`} title={title}>
      {sign && <span className="sign" aria-hidden="true">{sign}</span>}
      {children}
    </span>
  );
}

/** The chip of a state: word, sign and colour from the tables of its kind. */
export function StateChip({ words, looks, state }: { words: Texts; looks: Record<string, { sign: string; tone: Tone }>; state: string }) {
  const word = useWord();
  const look = looks[state];
  return <Chip tone={look?.tone ?? ""} sign={look?.sign ?? "·"}>{word(words, state)}</Chip>;
}

/** Level 1 took the victim's money first; it is written L1 in both languages, as the trade does. */
export function LevelMark({ level }: { level: number }) {
  return <span className="level" title={`Level ${level}`}>L{level}</span>;
}

const RING = 2 * Math.PI * 5;

/** What is left of a term, by the server's clock; the sign, not only the colour, changes with the grade. */
export function Countdown({ end, start = null, large, overWords = "ended" }: { end: string | null | undefined; start?: string | null; large?: boolean; overWords?: "ended" | "overdue" }) {
  const t = useT(SHELL);
  const lang = useLang();
  const now = useNow();
  if (!end) return null;
  const endMs = Date.parse(end);
  const startMs = start ? Date.parse(start) : null;
  const grade: Grade = gradeOf(now, startMs, endMs);
  const share = startMs !== null && endMs > startMs ? Math.min(1, Math.max(0, (endMs - now) / (endMs - startMs))) : grade === "over" ? 0 : 1;
  const text = grade === "over" ? (overWords === "overdue" ? t("overBy", { time: formatLeft(now - endMs, lang) }) : t("over")) : formatLeft(endMs - now, lang);
  const title = [t("endsAt", { time: formatTime(end, "full") }), grade === "soon" && t("gradeSoon"), grade === "urgent" && t("gradeUrgent")].filter(Boolean).join(" · ");
  return (
    <span className={`countdown ${grade} ${large ? "large" : ""}`} title={title} role="timer" aria-live="off">
      <svg className="ring" viewBox="0 0 14 14" aria-hidden="true">
        {grade === "over" || grade === "urgent" ? (
          <path d="M7 1 13.4 12.6H.6z" fill="currentColor" />
        ) : (
          <>
            <circle cx="7" cy="7" r="5" fill="none" stroke="currentColor" strokeWidth="2.4" opacity=".25" />
            <circle cx="7" cy="7" r="5" fill="none" stroke="currentColor" strokeWidth="2.4" strokeDasharray={`${RING * share} ${RING}`} transform="rotate(-90 7 7)" />
          </>
        )}
      </svg>
      {text}
    </span>
  );
}

export function Fact({ label, children, wide }: { label: ReactNode; children: ReactNode; wide?: boolean }) {
  return (
    <div className={wide ? "fact wide" : "fact"}>
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** Cards that stand right below the title of the page say so; elsewhere a detail's title is between. */
export const CardLevel = createContext<2 | 3>(3);

export function Card({ title, extra, children, flush }: { title: ReactNode; extra?: ReactNode; children: ReactNode; flush?: boolean }) {
  const Title = `h${useContext(CardLevel)}` as const;
  return (
    <section className="card">
      <header>
        <Title>{title}</Title>
        <span className="spacer" />
        {extra}
      </header>
      <div className={flush ? "body flush" : "body"}>{children}</div>
    </section>
  );
}

/** The head of the column of buttons: a word for those who hear the table. */
export function ActsHead() {
  const t = useT(SHELL);
  return <th><span className="visually-hidden">{t("acts")}</span></th>;
}

/** A key cap in a tooltip-free hint. */
export function Cap({ children }: { children: ReactNode }) {
  return <kbd aria-hidden="true">{children}</kbd>;
}

export function Hint({ text, children }: { text: ReactNode; children: ReactNode }) {
  return <Tooltip title={text} mouseEnterDelay={0.3}>{children}</Tooltip>;
}

/** Writes rows as CSV and hands them to the browser; the mark at the start makes spreadsheets read UTF-8. */
export function downloadCsv(name: string, header: string[], rows: (string | number)[][]): void {
  const cell = (value: string | number) => {
    const text = String(value);
    // A spreadsheet would run a cell that begins with one of these as a formula.
    const safe = /^[=+\-@\t\r]/.test(text) && !/^-?[\d.,]+$/.test(text) ? `'${text}` : text;
    return /[",\n]/.test(safe) ? `"${safe.replace(/"/g, '""')}"` : safe;
  };
  const text = `\uFEFF${[header, ...rows].map((row) => row.map(cell).join(",")).join("\r\n")}\r\n`;
  const url = URL.createObjectURL(new Blob([text], { type: "text/csv;charset=utf-8" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}
