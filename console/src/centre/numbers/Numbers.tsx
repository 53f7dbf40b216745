/** The number list (号码名单): what reports led to, what waits for a second person, what operators have. */
import { Button, Select } from "antd";
import { useState } from "react";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useNavigate, useParams } from "react-router";
import { get } from "../../api/client";
import type { NumberEntryRow, Page, PublishedList } from "../../api/types";
import { useLang, useT, useWord } from "../../shell/i18n";
import { useKeys } from "../../shell/keys";
import { Chip, Countdown, StateChip, TimeText } from "../../shell/pieces";
import { Queue } from "../../shell/Queue";
import { useSession } from "../../shell/session";
import { Empty } from "../../shell/views";
import { LIST_ACTIONS, LIST_LOOKS } from "../../words/screening";
import { EntryDetail } from "./EntryDetail";
import { EntryForm } from "./EntryForm";
import { EntryImport } from "./EntryImport";
import { Published } from "./Published";
import { Pattern } from "./pieces";
import { ENTRY_LOOKS, ENTRY_STATES, NUMBERS } from "./texts";

const TABS = ["proposed", "review", "active", "all"] as const;
type TabKey = (typeof TABS)[number];
const PAGE = 200;

function Row({ row }: { row: NumberEntryRow }) {
  const lang = useLang();
  const word = useWord();
  return (
    <>
      <div className="l1"><strong className="nowrap"><Pattern entry={row} /></strong></div>
      <div className="r1"><Chip tone={LIST_LOOKS[row.action]?.tone} sign={LIST_LOOKS[row.action]?.sign}>{word(LIST_ACTIONS, row.action)}</Chip></div>
      <div className="l2"><StateChip words={ENTRY_STATES} looks={ENTRY_LOOKS} state={row.state} /><span className="ellipsis">{(lang === "en" && row.reason_en) || row.reason}</span></div>
      <div className="r2">{row.state === "active" && row.expires_at ? <Countdown end={row.expires_at} start={row.made_at} /> : <TimeText at={row.ended_at ?? row.decided_at ?? row.made_at} shape="short" />}</div>
    </>
  );
}

export default function Numbers() {
  const { id } = useParams();
  const t = useT(NUMBERS);
  const lang = useLang();
  const go = useNavigate();
  const { may } = useSession();
  const [tab, setTab] = useState<TabKey>("active");
  const [search, setSearch] = useState("");
  const [action, setAction] = useState<string | undefined>();
  const published = useQuery({ queryKey: ["number-entries", "published"], queryFn: () => get<PublishedList>("/number-list") });
  const query = useQuery({
    queryKey: ["number-entries", { tab, search, action }],
    queryFn: async ({ signal }) => (await get<Page<NumberEntryRow>>("/number-entries", { state: tab === "all" ? "" : tab, action, q: search.trim(), limit: PAGE }, signal)).items,
    placeholderData: keepPreviousData,
  });
  useKeys({ n: () => may("numbers.write") && void go("/numbers/new") });
  const labels: Record<TabKey, string> = { proposed: t("tabProposed"), review: t("tabReview"), active: t("tabActive"), all: t("tabAll") };
  const counts: Partial<Record<TabKey, number>> = published.data ? { proposed: published.data.proposed, review: published.data.review, active: published.data.entries } : {};
  const form = id === "new" || id === "import";
  return (
    <Queue
      title={t("title")}
      extra={may("numbers.write") && <><Button size="small" onClick={() => void go("/numbers/import")}>{t("import")}</Button><Button size="small" type="primary" onClick={() => void go("/numbers/new")}>＋ {t("add")} <kbd aria-hidden="true">N</kbd></Button></>}
      tabs={TABS.map((key) => ({ key, label: labels[key], count: counts[key] }))}
      tab={tab}
      onTab={(key) => setTab(key as TabKey)}
      search={search}
      onSearch={setSearch}
      searchLabel={t("searchLabel")}
      tools={<Select size="small" style={{ width: 104 }} allowClear aria-label={t("actionFilter")} placeholder={t("allActions")} value={action} onChange={setAction} options={Object.entries(LIST_ACTIONS).map(([value, words]) => ({ value, label: words[lang] }))} />}
      forced={form}
      query={query}
      right="numbers.read"
      idOf={(row) => row.id}
      subjectOf={(row) => `number:${row.id}`}
      selected={form ? null : (id ?? null)}
      onSelect={(next) => void go(next ? `/numbers/${next}` : "/numbers", { replace: Boolean(id) })}
      empty={<Empty title={tab === "proposed" ? t("emptyProposed") : tab === "review" ? t("emptyReview") : t("empty")} hint={t("emptyHint")} />}
      render={(row) => <Row row={row} />}
      detail={id === "new" ? <EntryForm /> : id === "import" ? <EntryImport /> : id ? <EntryDetail key={id} id={id} /> : <Published query={published} />}
    />
  );
}
