/** Small pieces of the carrier seat. */
import type { ReactNode } from "react";
import type { JournalEntry } from "../api/types";
import { Actor } from "../shell/Actor";
import { formatPhone } from "../shell/format";
import { useLang, useT, useWord, type Both } from "../shell/i18n";
import { Card, Chip, TimeText } from "../shell/pieces";
import { KINDS } from "../both/journal/texts";
import { LIST_ACTIONS, LIST_LOOKS } from "../words/screening";
import { SOURCES } from "./texts";

/** One number in groups, a prefix or a range as it stands. */
export function Pattern({ number, shape }: { number: string; shape: string }) {
  return <span className="nowrap">{shape === "full" ? formatPhone(number) : number}</span>;
}

export function ListAction({ action }: { action: string }) {
  const word = useWord();
  return <Chip tone={LIST_LOOKS[action]?.tone} sign={LIST_LOOKS[action]?.sign}>{word(LIST_ACTIONS, action)}</Chip>;
}

export function Source({ source }: { source: string }) {
  const word = useWord();
  const [layer = "", detail] = [source.split(":")[0], source.split(":").slice(1).join(":")];
  return <>{layer in SOURCES ? word(SOURCES, layer) : source}{layer in SOURCES && detail && <span className="faint"> {detail}</span>}</>;
}

/** Words that the seat gives in both languages, at the beginning of a line. */
export function Words({ words, fallback }: { words: Both | null | undefined; fallback?: string }) {
  const lang = useLang();
  const text = words?.[lang] ?? fallback ?? "—";
  return <>{text.charAt(0).toUpperCase() + text.slice(1)}</>;
}

/** What happened to a thing, from the journal, the latest first. */
export function History({ title, entries, note }: { title: string; entries: JournalEntry[]; note?: (entry: JournalEntry) => ReactNode }) {
  const t = useT(KINDS);
  return (
    <Card title={title}>
      <ol className="timeline">{entries.map((entry) => (
        <li key={entry.seq}><span className="at"><TimeText at={entry.at} shape="short" /></span><span className="pin" /><span>{entry.kind in KINDS ? t(entry.kind as keyof typeof KINDS) : entry.kind} <span className="faint"><Actor who={entry.actor} />{entry.purpose && ` · ${entry.purpose}`}</span>{note?.(entry)}</span></li>
      ))}</ol>
    </Card>
  );
}
