/** The journal: every change of state, chained by hash; filter, detail, verification. */
import { Button, Input, Select } from "antd";
import { useMemo, useState } from "react";
import { keepPreviousData, useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useSearchParams } from "react-router";
import { get, post } from "../../api/client";
import type { ChaseRow, JournalEntry, Page, User, VerificationState } from "../../api/types";
import { Actor } from "../../shell/Actor";
import { useLang, useT, useWord } from "../../shell/i18n";
import { Icon } from "../../shell/Icon";
import { useKeys } from "../../shell/keys";
import { Card, Fact, TimeText } from "../../shell/pieces";
import { pathOf, SubjectLink, subjectOf } from "../../shell/SubjectLink";
import { ProblemAlert } from "../../shell/problem";
import { Empty, Failed, Loading } from "../../shell/views";
import { useSession } from "../../shell/session";
import { numbersIn, shortOf } from "./numbers";
import { StuckWork } from "./Stuck";
import { GROUPS, JOURNAL, KINDS, SUBJECTS } from "./texts";
import "./journal.css";

const PAGE = 100;
/** Chases whose numbers are asked for at most: what the seat gives in one answer. */
const NAMES_MAX = 200;

/** While a verification is under way, it is asked for so often. */
const VERIFYING_EVERY = 2_000;
const VERIFICATION = ["verification"];

function Verified() {
  const t = useT(JOURNAL);
  const lang = useLang();
  const client = useQueryClient();
  const state = useQuery({
    queryKey: VERIFICATION,
    queryFn: () => get<VerificationState>("/journal/verification"),
    staleTime: 60_000,
    refetchInterval: (query) => (query.state.data?.running_since ? VERIFYING_EVERY : false),
  });
  const verify = useMutation({ mutationFn: () => post<VerificationState>("/journal/verification"), onSuccess: (now) => client.setQueryData(VERIFICATION, now) });
  const { last: found, running_since: since, failed } = state.data ?? {};
  const running = verify.isPending || Boolean(since);
  const button = <Button size="small" loading={running} onClick={() => verify.mutate()}>{running ? t("verifying") : t("verify")}</Button>;
  return (
    <>
      <ProblemAlert error={verify.error ?? (state.data ? null : state.error)} />
      {failed && (
        <div className="problem" role="alert" style={{ display: "flex", gap: 14, alignItems: "center", flexWrap: "wrap", marginBottom: 8 }}>
          <strong style={{ fontSize: 15 }}>{t("verifyFailed")}</strong>
          <span>{failed.said[lang]}</span>
          <span className="faint"><TimeText at={failed.at} shape="full" /></span>
          {!found && <><span className="grow" />{button}</>}
        </div>
      )}
      {state.data && !found && !failed && (
        <div className="note" role="status" style={{ display: "flex", gap: 14, alignItems: "center", flexWrap: "wrap" }}>
          <span>{running ? t("verifyingText") : t("notYet")}</span>
          {since && <span className="faint">{t("verifyingSince")} <TimeText at={since} shape="full" /></span>}
          <span className="grow" />
          {button}
        </div>
      )}
      {found && (
        <div className={found.ok ? "note green" : "problem"} role={found.ok ? "status" : "alert"} style={{ display: "flex", gap: 14, alignItems: "center", flexWrap: "wrap" }}>
          <strong style={{ fontSize: 15 }}>{found.ok ? `✓ ${t("ok")}` : `✕ ${found.first_bad ? t("bad", { n: found.first_bad }) : t("notVerified")}`}</strong>
          <span>{found.ok ? t("okText", { n: found.entries, sealed: found.sealed_seq }) + (found.anchored_seq ? t("anchored", { n: found.anchored_seq }) : "") + (found.witness ? t("witnessed", { partner: found.witness, n: found.witnessed_seq }) : "") + (found.stamped_at ? t("stamped", { n: found.stamped_seq }) : "") : t("badText")}</span>
          {found.doubts.length > 0 && <span role="alert">{t("doubts", { n: found.doubts.length, first: found.doubts[0]?.[lang] ?? "" })}</span>}
          {!found.ok && found.reason && <strong>{found.reason[lang]}</strong>}
          <span className="faint">{t("verifiedAt")} <TimeText at={found.at} shape="full" /> · {t("head")} <span className="mono" title={found.head_hash}>{found.head_hash.slice(0, 16)}…</span></span>
          {since && <span className="faint">{t("verifyingSince")} <TimeText at={since} shape="full" /></span>}
          <span className="grow" />
          {button}
        </div>
      )}
    </>
  );
}

/** Numbers of chases and logins of users, which entries at hand may not tell; as far as the person may see them. */
function useNames(): Map<string, string> {
  const { may, seat } = useSession();
  const chases = useQuery({ queryKey: ["chases", "numbers"], queryFn: async () => (await get<Page<ChaseRow>>("/chases", { limit: NAMES_MAX })).items, enabled: seat?.seat === "centre" && may("chase.read"), staleTime: 60_000 }).data;
  const users = useQuery({ queryKey: ["users"], queryFn: async () => (await get<Page<User>>("/users")).items, enabled: may("users.write"), staleTime: 60_000 }).data;
  return useMemo(() => new Map([...(chases ?? []).map((chase) => [chase.case_id, chase.case_number] as const), ...(users ?? []).map((user) => [user.id, user.login] as const)]), [chases, users]);
}

/** The number or login where it is known; else the end of the identity stands for it. */
function Subject({ entry, numbers, names }: { entry: JournalEntry; numbers: Map<string, string>; names: Map<string, string> }) {
  const { subject } = entry;
  const word = useWord();
  const { seat } = useSession();
  const known = subjectOf(subject);
  const has = known && pathOf(seat?.seat, known.kind, known.id) !== null;
  const kind = subject.slice(0, subject.indexOf(":"));
  const text = kind ? <>{word(SUBJECTS, kind)} {shortOf(entry, numbers, names)}</> : word(SUBJECTS, subject);
  return has ? <SubjectLink kind={known.kind} id={known.id}>{text}</SubjectLink> : <span title={subject}>{text}</span>;
}

export default function Journal() {
  const t = useT(JOURNAL);
  const word = useWord();
  const lang = useLang();
  const [params, setParams] = useSearchParams();
  const subject = params.get("subject") ?? "";
  const kind = params.get("kind") ?? "";
  const [typed, setTyped] = useState(subject);
  const [at, setAt] = useState<number | null>(null);
  const query = useInfiniteQuery({
    queryKey: ["journal", { subject, kind }],
    initialPageParam: "",
    queryFn: ({ pageParam, signal }) => get<Page<JournalEntry>>("/journal", { subject, kind, cursor: pageParam, limit: PAGE }, signal),
    getNextPageParam: (page) => page.next ?? undefined,
    placeholderData: keepPreviousData,
  });
  const pages = query.data?.pages;
  const entries = useMemo(() => pages?.flatMap((page) => page.items) ?? [], [pages]);
  const numbers = useMemo(() => numbersIn(entries), [entries]);
  const names = useNames();
  const chosen = entries.find((entry) => entry.seq === at) ?? null;
  const before = chosen ? entries.find((entry) => entry.seq === chosen.seq - 1) : undefined;
  const set = (name: string, value: string) => {
    const next = new URLSearchParams(params);
    if (value) next.set(name, value);
    else next.delete(name);
    setParams(next, { replace: true });
  };
  const step = (by: number) => {
    const here = entries.findIndex((entry) => entry.seq === at);
    setAt(entries[Math.max(0, Math.min(entries.length - 1, here < 0 ? 0 : here + by))]?.seq ?? null);
  };
  useKeys({ j: () => step(1), k: () => step(-1), Escape: () => setAt(null) });

  return (
    <div className="page fill">
      <div style={{ padding: "10px 14px 0", flex: "none" }}>
        <div className="page-head">
          <h1>{t("title")}</h1><span className="faint">{t("about")}</span><span className="spacer" />
          <Select size="small" style={{ width: 150 }} allowClear aria-label={t("kind")} placeholder={t("kindAll")} value={kind || undefined} onChange={(value) => set("kind", value ?? "")} options={Object.entries(GROUPS).map(([value, words]) => ({ value, label: words[lang] }))} />
          {(subject || kind) && <button type="button" className="reveal" onClick={() => { setTyped(""); setParams(new URLSearchParams(), { replace: true }); }}>{t("clear")}</button>}
          <Input.Search size="small" style={{ width: 250 }} allowClear aria-label={t("subject")} placeholder={t("subject")} value={typed} onChange={(event) => setTyped(event.target.value)} onSearch={(value) => set("subject", value.trim())} />
        </div>
        <Verified />
        <StuckWork />
      </div>
      <div className="journal">
        <div className="sheet-wrap bare journal-list" tabIndex={0}>
          {query.isError && entries.length === 0 && <Failed error={query.error} right="journal.read" retry={() => void query.refetch()} />}
          {query.isPending && <Loading lines={12} />}
          {query.isSuccess && entries.length === 0 && <Empty title={t("empty")} hint={t("emptyHint")} />}
          {entries.length > 0 && (
            <table className="sheet">
              <thead><tr><th className="num">{t("seq")}</th><th>{t("at")}</th><th>{t("what")}</th><th>{t("about2")}</th><th>{t("actor")}</th><th>{t("hash")}</th></tr></thead>
              <tbody>
                {entries.map((entry) => (
                  <tr key={entry.seq} data-go className={entry.seq === at ? "here" : ""} onClick={() => setAt(entry.seq)}>
                    <td className="num"><button type="button" className="reveal" aria-pressed={entry.seq === at} onClick={(event) => { event.stopPropagation(); setAt(entry.seq); }}>{entry.seq}</button></td>
                    <td><TimeText at={entry.at} shape="full" /></td>
                    <td className="nowrap">{entry.kind.startsWith("seal.") ? <strong style={{ color: "var(--red)" }}>{word(KINDS, entry.kind)}</strong> : word(KINDS, entry.kind)}</td>
                    <td><Subject entry={entry} numbers={numbers} names={names} /></td>
                    <td className="nowrap"><Actor who={entry.actor} />{entry.purpose && <span className="faint"> · {entry.purpose}</span>}</td>
                    <td className="mono faint">{entry.hash.slice(0, 10)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          )}
          {query.hasNextPage && <div style={{ padding: 10, textAlign: "center" }}><Button size="small" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>{t("more")}</Button></div>}
        </div>
        <aside className="journal-detail">
          {!chosen ? <Empty icon="journal" title={t("pick")} /> : (
            <Card title={t("entry", { n: chosen.seq })} extra={<button type="button" className="reveal" onClick={() => { setTyped(chosen.subject); set("subject", chosen.subject); }}>{t("onlySubject")}</button>}>
              <dl className="facts two" style={{ marginBottom: 10 }}>
                <Fact label={t("what")}>{word(KINDS, chosen.kind)} <span className="mono faint">{chosen.kind}</span></Fact>
                <Fact label={t("at")}><TimeText at={chosen.at} shape="full" /></Fact>
                <Fact label={t("actor")}>{chosen.actor}</Fact>
                <Fact label={t("seat")}>{chosen.seat}</Fact>
                <Fact wide label={t("about2")}><Subject entry={chosen} numbers={numbers} names={names} /></Fact>
                {chosen.purpose && <Fact wide label={t("purpose")}>{chosen.purpose}</Fact>}
                <Fact wide label={t("hash")}><span className="mono">{chosen.hash}</span></Fact>
                <Fact wide label={t("previous")}>{before ? <><span className="mono">{before.hash}</span> <span className="faint">{t("chained", { n: before.seq })}</span></> : chosen.seq === 1 ? t("first") : <span className="faint">{t("beyond")}</span>}</Fact>
              </dl>
              <div className="muted" style={{ fontSize: 12, marginBottom: 4 }}>{t("body")}</div>
              <pre className="code" tabIndex={0}>{JSON.stringify(chosen.body, null, 2)}</pre>
              {chosen.private && <p className="faint" style={{ marginTop: 8 }}><Icon name="lock" size={14} /> {t("privatePart")}</p>}
            </Card>
          )}
        </aside>
      </div>
    </div>
  );
}
