/** The operator's list desk (号码名单): what this operator keeps itself, and how old the centre's list is. */
import { Button, Select } from "antd";
import { useState } from "react";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useNavigate, useParams } from "react-router";
import { get } from "../../api/client";
import type { ListEntry, Page } from "../../api/types";
import { useLang, useT, useWord } from "../../shell/i18n";
import { useKeys } from "../../shell/keys";
import { Countdown, StateChip, TimeText } from "../../shell/pieces";
import { Queue } from "../../shell/Queue";
import { useSession } from "../../shell/session";
import { Empty } from "../../shell/views";
import { LIST_ACTIONS } from "../../words/screening";
import { ListAction, Pattern } from "../pieces";
import { ENTRY_LOOKS, ENTRY_STATES, SHAPES } from "../texts";
import { EntryDetail } from "./EntryDetail";
import { EntryForm } from "./EntryForm";
import { Imports } from "./Imports";
import { Status } from "./Status";
import { LIST } from "./texts";

const TABS = ["active", "ended", "expired", "all"] as const;
type TabKey = (typeof TABS)[number];
const PAGE = 200;

function Row({ row }: { row: ListEntry }) {
  const word = useWord();
  return (
    <>
      <div className="l1"><strong><Pattern number={row.number} shape={row.shape} /></strong>{row.shape !== "full" && <span className="muted">{word(SHAPES, row.shape)}</span>}</div>
      <div className="r1"><ListAction action={row.action} /></div>
      <div className="l2"><StateChip words={ENTRY_STATES} looks={ENTRY_LOOKS} state={row.state} /><span className="ellipsis">{row.reason}</span></div>
      <div className="r2">{row.state === "active" && row.expires_at ? <Countdown end={row.expires_at} start={row.created_at} /> : <TimeText at={row.ended_at ?? row.created_at} shape="short" />}</div>
    </>
  );
}

export default function List({ imports: one }: { imports?: true }) {
  const { id, import: importId } = useParams();
  const t = useT(LIST);
  const lang = useLang();
  const go = useNavigate();
  const { may } = useSession();
  const [tab, setTab] = useState<TabKey>("active");
  const [search, setSearch] = useState("");
  const [action, setAction] = useState<string | undefined>();
  const query = useQuery({
    queryKey: ["list-entries", { tab, search, action }],
    queryFn: async ({ signal }) => (await get<Page<ListEntry>>("/list", { state: tab === "all" ? "" : tab, action, q: search.trim(), limit: PAGE }, signal)).items,
    placeholderData: keepPreviousData,
  });
  useKeys({ n: () => may("operator.lists.write") && void go("/list/new") });
  const labels: Record<TabKey, string> = { active: t("tabActive"), ended: t("tabEnded"), expired: t("tabExpired"), all: t("tabAll") };
  const imports = one || id === "imports";
  const form = id === "new" || imports;
  return (
    <Queue
      title={t("title")}
      extra={<><Button size="small" onClick={() => void go("/list/imports")}>{t("import")}</Button>{may("operator.lists.write") && <Button size="small" type="primary" onClick={() => void go("/list/new")}>＋ {t("add")} <kbd aria-hidden="true">N</kbd></Button>}</>}
      tabs={TABS.map((key) => ({ key, label: labels[key] }))}
      tab={tab}
      onTab={(key) => setTab(key as TabKey)}
      search={search}
      onSearch={setSearch}
      searchLabel={t("searchLabel")}
      tools={<Select size="small" style={{ width: 104 }} allowClear aria-label={t("actionFilter")} placeholder={t("allActions")} value={action} onChange={setAction} options={Object.entries(LIST_ACTIONS).map(([value, words]) => ({ value, label: words[lang] }))} />}
      forced={form}
      query={query}
      right="operator.lists.read"
      idOf={(row) => row.id}
      subjectOf={(row) => `entry:${row.id}`}
      selected={form ? null : (id ?? null)}
      onSelect={(next) => void go(next ? `/list/${next}` : "/list", { replace: Boolean(id) })}
      empty={<Empty title={t("empty")} hint={t("emptyHint")} />}
      render={(row) => <Row row={row} />}
      detail={id === "new" ? <EntryForm /> : imports ? <Imports id={importId} /> : id ? <EntryDetail key={id} id={id} /> : <Status />}
    />
  );
}
