/** Ctrl-K: one search over everything that one may see. */
import { Input, Modal } from "antd";
import { useEffect, useState } from "react";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "react-router";
import { get } from "../api/client";
import type { OrderRow, Page, ReportRow, Right, SearchHit } from "../api/types";
import { formatAccount, formatMoney, formatPhone } from "./format";
import { useT } from "./i18n";
import { useSession } from "./session";
import { pathOf, subjectOf } from "./SubjectLink";
import { SHELL } from "./texts";
import { ProblemAlert } from "./problem";

const WAIT_MS = 180;
/** Two characters, or one Chinese one: the beginning of a name. */
export function isEnough(text: string): boolean {
  return Array.from(text).length >= 2 || /\p{Script=Han}/u.test(text);
}

const HITS_EACH = 8;

/** At the centre the lists themselves search; each is asked only by who may see it. */
async function searchCentre(text: string, may: (right: Right) => boolean, signal: AbortSignal): Promise<SearchHit[]> {
  const q = { q: text, limit: HITS_EACH };
  const [reports, orders] = await Promise.all([
    may("intake.read") ? get<Page<ReportRow>>("/reports", q, signal) : null,
    may("stop.read") ? get<Page<OrderRow>>("/orders", q, signal) : null,
  ]);
  return [
    ...(reports?.items ?? []).map((row) => ({ subject: `report:${row.id}`, number: row.number, title: `${row.victim_name} ${formatPhone(row.victim_phone)}`, hint: formatMoney(row.amount) })),
    ...(orders?.items ?? []).map((row) => ({ subject: `order:${row.id}`, number: row.number, title: `${row.partner_name} ${formatAccount(row.account)} ${row.account_name ?? ""}`, hint: row.case_number })),
  ];
}

export function Search({ open, onClose }: { open: boolean; onClose: () => void }) {
  const t = useT(SHELL);
  const go = useNavigate();
  const { seat, may } = useSession();
  const [text, setText] = useState("");
  const [asked, setAsked] = useState("");
  const [at, setAt] = useState(0);
  useEffect(() => {
    const timer = setTimeout(() => setAsked(text.trim()), WAIT_MS);
    return () => clearTimeout(timer);
  }, [text]);
  useEffect(() => {
    if (!open) return;
    setText("");
    setAsked("");
  }, [open]);
  const query = useQuery<SearchHit[]>({
    queryKey: ["search", asked],
    queryFn: async ({ signal }): Promise<SearchHit[]> => (seat?.seat !== "centre" ? (await get<Page<SearchHit>>("/search", { q: asked }, signal)).items : searchCentre(asked, may, signal)),
    enabled: open && isEnough(asked),
    placeholderData: (before) => before,
  });
  const hits = (isEnough(asked) ? query.data ?? [] : []).filter((hit) => {
    const subject = subjectOf(hit.subject);
    return subject && pathOf(seat?.seat, subject.kind, subject.id);
  });
  useEffect(() => setAt(0), [asked]);

  function choose(hit: SearchHit | undefined) {
    const subject = hit && subjectOf(hit.subject);
    if (!subject) return;
    onClose();
    // An account opens by its full number only, which a hit does not show: what was typed is taken along.
    const path = subject.kind === "account" ? `/accounts?find=${encodeURIComponent(text.trim())}` : pathOf(seat?.seat, subject.kind, subject.id);
    if (path) void go(path);
  }

  return (
    <Modal open={open} onCancel={onClose} footer={null} closable={false} width={620} style={{ top: 72 }} title={<span className="visually-hidden">{t("keySearch")}</span>} destroyOnHidden>
      <Input
        autoFocus
        size="large"
        role="combobox"
        aria-expanded={hits.length > 0}
        aria-controls="search-hits"
        aria-activedescendant={hits[at] ? `hit-${at}` : undefined}
        aria-label={t("search")}
        placeholder={t("search")}
        value={text}
        maxLength={100}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === "ArrowDown") setAt((n) => Math.min(hits.length - 1, n + 1));
          else if (event.key === "ArrowUp") setAt((n) => Math.max(0, n - 1));
          else if (event.key === "Enter" && !event.nativeEvent.isComposing) choose(hits[at]);
          else return;
          event.preventDefault();
        }}
      />
      {query.isError && <div style={{ marginTop: 8 }}><ProblemAlert error={query.error} /></div>}
      {!isEnough(asked) && <p className="faint" style={{ padding: "10px 8px 2px" }}>{t("searchHint")}</p>}
      {isEnough(asked) && query.isSuccess && hits.length === 0 && <p className="muted" style={{ padding: "10px 8px 2px" }}>{t("searchNothing")}</p>}
      {hits.length > 0 && (
        <ul className="hits" id="search-hits" role="listbox" aria-label={t("keySearch")}>
          {hits.map((hit, index) => (
            <li key={hit.subject} id={`hit-${index}`} role="option" aria-selected={index === at} onMouseMove={() => setAt(index)} onClick={() => choose(hit)} onKeyDown={() => undefined}>
              <strong className="nowrap">{hit.number}</strong>
              <span className="grow ellipsis">{hit.title}</span>
              {hit.hint && <span className="faint">{hit.hint}</span>}
            </li>
          ))}
        </ul>
      )}
    </Modal>
  );
}
