/** Paste first: the narrative, what the reader found in it, and one press to take each finding into the form. */
import { Button, Input } from "antd";
import { useEffect, useMemo, useRef, useState, type ReactNode } from "react";
import { post } from "../../api/client";
import type { Reading, Span } from "../../api/types";
import { formatAccount, formatPhone, formatTime, parseMoney } from "../../shell/format";
import { useT } from "../../shell/i18n";
import { announce } from "../../shell/live";
import { usePartners } from "../../shell/partners";
import { MoneyText } from "../../shell/pieces";
import { serverNow } from "../../shell/time";
import { ProblemAlert } from "../../shell/problem";
import { emptyPayment, isDayOnly, isUsed, paymentOf, takeContact, takePayment, type Draft } from "./draft";
import { INTAKE } from "./texts";

interface Piece extends Span {
  kind: "phone" | "account" | "amount" | "time" | "url" | "name";
}

/** Cuts the text at the findings; where two overlap the earlier, longer one stays. */
export function piecesOf(reading: Reading): Piece[] {
  const all: Piece[] = [
    ...reading.accounts.map((found) => ({ ...found.span, kind: "account" as const })),
    ...reading.phones.map((found) => ({ ...found.span, kind: "phone" as const })),
    ...reading.urls.map((found) => ({ ...found.span, kind: "url" as const })),
    ...[...reading.amounts, ...reading.coins].map((found) => ({ ...found.span, kind: "amount" as const })),
    ...reading.wallets.map((found) => ({ ...found.span, kind: "account" as const })),
    ...reading.times.map((found) => ({ ...found.span, kind: "time" as const })),
    ...[...reading.chats, ...reading.citizen_ids].map((found) => ({ ...found.span, kind: "phone" as const })),
    ...[...reading.names, ...reading.banks].map((found) => ({ ...found.span, kind: "name" as const })),
  ].sort((a, b) => a.start - b.start || b.end - a.end);
  const out: Piece[] = [];
  for (const piece of all) if (piece.start >= (out.at(-1)?.end ?? 0)) out.push(piece);
  return out;
}

function Highlighted({ text, reading }: { text: string; reading: Reading }) {
  const chars = useMemo(() => Array.from(text), [text]);
  const out: ReactNode[] = [];
  let at = 0;
  for (const piece of piecesOf(reading)) {
    out.push(chars.slice(at, piece.start).join(""));
    out.push(<mark key={piece.start} className={`found ${piece.kind}`}>{chars.slice(piece.start, piece.end).join("")}</mark>);
    at = piece.end;
  }
  out.push(chars.slice(at).join(""));
  return <div className="narrative-text">{out}</div>;
}

interface NarrativeProps {
  draft: Draft;
  change: (next: (draft: Draft) => Draft) => void;
  fault: ReactNode;
}

export function Narrative({ draft, change, fault }: NarrativeProps) {
  const t = useT(INTAKE);
  const { nameOf } = usePartners();
  const [reading, setReading] = useState<Reading | null>(null);
  const [readText, setReadText] = useState("");
  const [editing, setEditing] = useState(true);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const area = useRef<HTMLDivElement>(null);

  async function read(text: string) {
    if (text.trim().length < 4) return;
    setBusy(true);
    setError(null);
    try {
      const answer = await post<Reading>("/reports/read-narrative", { text, reference_time: new Date(serverNow()).toISOString() });
      setReading(answer);
      setReadText(text);
      setEditing(false);
      announce(`${t("found")}: ${answer.accounts.length + answer.phones.length + answer.amounts.length + answer.times.length + answer.urls.length}`);
    } catch (problem) {
      setError(problem);
    } finally {
      setBusy(false);
    }
  }

  useEffect(() => {
    if (editing) area.current?.querySelector("textarea")?.focus();
  }, [editing]);

  const suggestions = reading?.payments.map((one) => paymentOf(one.payment)) ?? [];
  const nothing = reading && [reading.accounts, reading.phones, reading.amounts, reading.times, reading.urls, reading.chats, reading.wallets, reading.coins].every((list) => list.length === 0);
  const group = (title: string, items: { key: string; text: ReactNode; acts?: { label: string; run: () => void; used: boolean }[] }[]) =>
    items.length > 0 && (
      <div className="found-group">
        <h4>{title}</h4>
        <ul>
          {items.map((item) => (
            <li key={item.key}>
              <span className="grow">{item.text}</span>
              {item.acts?.map((act) => (act.used ? <span key={act.label} className="faint">✓ {t("used")}</span> : <button key={act.label} type="button" className="reveal" onClick={act.run}>{act.label}</button>))}
            </li>
          ))}
        </ul>
      </div>
    );

  return (
    <section className="queue narrative" aria-label={t("narrative")}>
      <div className="queue-head" style={{ paddingBottom: 6 }}>
        <div className="queue-title"><h1 className="grow" id="narrative-title">{t("narrative")}</h1>
          {editing
            ? <Button size="small" type="primary" loading={busy} disabled={draft.narrative.trim().length < 4} onClick={() => void read(draft.narrative)}>{t("read")} <kbd aria-hidden="true">Ctrl ↵</kbd></Button>
            : <Button size="small" onClick={() => setEditing(true)}>{t("editText")}</Button>}
        </div>
        <p className="faint" style={{ fontSize: 12 }}>{t("narrativeHint")}</p>
      </div>
      <div className="narrative-body">
        <div ref={area} data-field="narrative">
          {editing || !reading ? (
            <Input.TextArea
              aria-labelledby="narrative-title"
              className="narrative-area"
              autoSize={{ minRows: 12, maxRows: reading ? 14 : 26 }}
              maxLength={20000}
              placeholder={t("narrativePlace")}
              value={draft.narrative}
              onChange={(event) => change((old) => ({ ...old, narrative: event.target.value }))}
              onPaste={(event) => {
                // The paste lands in the field after this event; what the field will hold is read at once.
                const field = event.currentTarget;
                setTimeout(() => void read(field.value), 0);
              }}
              onKeyDown={(event) => {
                if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
                  event.preventDefault();
                  event.stopPropagation();
                  void read(draft.narrative);
                }
              }}
            />
          ) : <Highlighted text={readText} reading={reading} />}
          {fault}
        </div>
        <ProblemAlert error={error} />
        {busy && <p className="muted">{t("reading")}</p>}
        {nothing && <p className="muted" style={{ marginTop: 8 }}>{t("foundNothing")}</p>}
        {reading && suggestions.length > 0 && (
          <div className="found-group">
            <h4 className="row"><span className="grow">{t("foundPayments")}</span>
              {suggestions.length > 1 && <button type="button" className="reveal" onClick={() => change((old) => suggestions.reduce(takePayment, old))}>{t("fillAll")}</button>}
            </h4>
            <ul>
              {suggestions.map((payment, index) => {
                const money = parseMoney(payment.amount, payment.currency);
                return (
                  // Two payments of one narrative may read the same.
                  // oxlint-disable-next-line react/no-array-index-key
                  <li key={index} className="found-payment">
                    <span className="grow">
                      <span className="row-wrap">
                        <strong><MoneyText money={money} /></strong>
                        <span>{formatAccount(payment.payee_account) || "—"}</span>
                      </span>
                      <span className="muted">{[payment.payee_name, payment.payee_bank && nameOf(payment.payee_bank), payment.paid_at.slice(0, 16)].filter(Boolean).join(" · ")}{isDayOnly(payment.paid_at) && <> <span className="chip amber">{t("dayOnly")}</span></>}</span>
                    </span>
                    {isUsed(draft, payment) ? <span className="faint nowrap">✓ {t("used")}</span> : <Button size="small" type="primary" ghost onClick={() => change((old) => takePayment(old, payment))}>{t("fillPayment")}</Button>}
                  </li>
                );
              })}
            </ul>
          </div>
        )}
        {reading && group(t("names"), reading.names.filter((found) => found.side === "payer").map((found) => ({
          key: `${found.span.start}`,
          text: found.value,
          acts: [{ label: t("useName"), used: draft.victim.name === found.value, run: () => change((old) => ({ ...old, victim: { ...old.victim, name: found.value } })) }],
        })))}
        {reading && group(t("citizenIds"), reading.citizen_ids.map((found) => ({
          key: `${found.span.start}`,
          text: found.value,
          acts: [{ label: t("useCitizenId"), used: draft.victim.citizen_id === found.value, run: () => change((old) => ({ ...old, victim: { ...old.victim, citizen_id: found.value } })) }],
        })))}
        {reading && group(t("phones"), reading.phones.map((found) => ({
          key: `${found.span.start}`,
          text: formatPhone(found.value),
          acts: [
            { label: t("usePhone"), used: draft.victim.phone === found.value, run: () => change((old) => ({ ...old, victim: { ...old.victim, phone: found.value } })) },
            { label: t("useContact"), used: draft.contacts.some((contact) => contact.value === found.value), run: () => change((old) => takeContact(old, "phone", found.value)) },
          ],
        })))}
        {reading && group(t("accounts"), reading.accounts.map((found) => ({
          key: `${found.span.start}`,
          text: formatAccount(found.value),
          acts: [{ label: t("useAccount"), used: draft.payments.some((row) => row.payee_account.replace(/\s/g, "") === found.value), run: () => change((old) => takePayment(old, { ...emptyPayment(), payee_account: found.value })) }],
        })))}
        {reading && group(t("urls"), reading.urls.map((found) => ({
          key: `${found.span.start}`,
          text: <span className="mono" style={{ overflowWrap: "anywhere" }}>{found.value}</span>,
          acts: [{ label: t("useContact"), used: draft.contacts.some((contact) => contact.value === found.value), run: () => change((old) => takeContact(old, "url", found.value)) }],
        })))}
        {reading && group(t("chats"), reading.chats.map((found) => ({
          key: `${found.span.start}`,
          text: `${found.service} ${found.value}`,
          acts: [{ label: t("useContact"), used: draft.contacts.some((contact) => contact.value === found.value), run: () => change((old) => takeContact(old, "chat", found.value)) }],
        })))}
        {reading && group(t("coins"), [...reading.wallets, ...reading.coins].map((found) => ({
          key: `${found.span.start}`,
          text: <span className="mono" style={{ overflowWrap: "anywhere" }}>{found.value}</span>,
        })))}
        {reading && suggestions.length === 0 && group(t("amounts"), reading.amounts.map((found) => ({ key: `${found.span.start}`, text: <MoneyText money={found.value} /> })))}
        {reading && suggestions.length === 0 && group(t("times"), reading.times.map((found) => ({ key: `${found.span.start}`, text: formatTime(found.value, "minute") })))}
      </div>
    </section>
  );
}
