/** The intake desk (接警): queue of drafts and reports, form, detail. */
import { App, Button } from "antd";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { useLocation, useNavigate, useParams, useSearchParams } from "react-router";
import { get } from "../../api/client";
import type { DeskCounts, Page, Report, ReportRow } from "../../api/types";
import { REPORT_CHANNELS, REPORT_LOOKS, REPORT_STATES } from "../../words/report";
import { hintsFor } from "../../shell/hints";
import { useT, useWord } from "../../shell/i18n";
import { useKeys } from "../../shell/keys";
import { MoneyText, StateChip, TimeText } from "../../shell/pieces";
import { Queue } from "../../shell/Queue";
import { prefixOf, useRegionScope, useScamTypes } from "../../shell/region";
import { useSession } from "../../shell/session";
import { Empty, QueryView } from "../../shell/views";
import { Pairs } from "./Pairs";
import { filterOf, queueNamed, queueOf, type IntakeQueueKey } from "./queues";
import { ReportDetail } from "./ReportDetail";
import { ReportForm } from "./ReportForm";
import { INTAKE } from "./texts";

export default function Intake() {
  const { id } = useParams();
  const [params] = useSearchParams();
  if (id === "new") return <NewReport />;
  if (id && params.has("edit")) return <EditReport id={id} />;
  return <IntakeQueue id={id === "pairs" ? null : id ?? null} pairs={id === "pairs"} />;
}

function useDone(): (outcome: Report) => void {
  const t = useT(INTAKE);
  const go = useNavigate();
  const { message } = App.useApp();
  return (report) => {
    if (report.state === "joined" && report.joined_to) void message.warning(t("joinedTo", { number: report.joined_to.number }), 6);
    else void message.success(t("submitted", { number: report.number }), 4);
    void go(`/intake/${report.id}`);
  };
}

function NewReport() {
  return <ReportForm report={null} onDone={useDone()} />;
}

function EditReport({ id }: { id: string }) {
  const done = useDone();
  const query = useQuery({ queryKey: ["reports", id, "edit"], queryFn: () => get<Report>(`/reports/${id}`), staleTime: Number.POSITIVE_INFINITY, gcTime: 0 });
  return <QueryView query={query} right="intake.write">{(report) => <ReportForm key={report.id} report={report} onDone={done} />}</QueryView>;
}

/** The seat gives no more in one answer. */
const LIST_MAX = 200;

function IntakeQueue({ id, pairs }: { id: string | null; pairs: boolean }) {
  const t = useT(INTAKE);
  const word = useWord();
  const go = useNavigate();
  const { may } = useSession();
  const types = useScamTypes();
  const region = useRegionScope();
  const { key: visit } = useLocation();
  const [params] = useSearchParams();
  const named = queueNamed(params.get("queue"));
  const [tab, setTab] = useState<IntakeQueueKey>(named ?? "submitted");
  const [search, setSearch] = useState("");
  const query = useQuery({
    queryKey: ["reports", { tab, search, region }],
    queryFn: async ({ signal }) => (await get<Page<ReportRow>>("/reports", { ...filterOf(tab), q: search, limit: LIST_MAX }, signal)).items.filter((row) => row.region.startsWith(prefixOf(region))),
    placeholderData: keepPreviousData,
  });
  const fromList = useRef<string | null>(null);
  const opened = useQuery({ queryKey: ["reports", id], queryFn: () => get<Report>(`/reports/${id}`), enabled: id !== null }).data;
  useEffect(() => {
    if (!opened || fromList.current === opened.id) return;
    fromList.current = opened.id;
    setTab(queueOf(opened));
  }, [opened]);
  // A link that names a queue opens it, also when it is followed again.
  useEffect(() => {
    if (named) setTab(named);
  }, [named, visit]);
  const counts = useQuery({ queryKey: ["desk-counts"], queryFn: () => get<DeskCounts>("/desk-counts") }).data ?? {};
  useKeys({ n: () => may("intake.write") && void go("/intake/new") });
  return (
    <Queue
      title={t("title")}
      extra={(
        <>
          {(pairs || (counts.report_pairs ?? 0) > 0) && <Button size="small" type={pairs ? "primary" : "default"} title={t("pairsTitle")} onClick={() => void go("/intake/pairs")}>{t("pairsOpen", { n: counts.report_pairs ?? 0 })}</Button>}
          {may("intake.write") && <Button size="small" onClick={() => void go("/intake/import")}>{t("import")}</Button>}
          {may("intake.write") && <Button size="small" type="primary" onClick={() => void go("/intake/new")}>＋ {t("newReport")} <kbd aria-hidden="true">N</kbd></Button>}
        </>
      )}
      tabs={[
        { key: "submitted", label: t("tabSubmitted") },
        { key: "public", label: t("tabPublic"), title: t("tabPublicFull"), count: counts.public_drafts },
        { key: "draft", label: t("tabDraft"), count: counts.drafts },
        { key: "joined", label: t("tabJoined") },
        { key: "all", label: t("tabAll") },
      ]}
      tab={tab}
      onTab={(key) => setTab(key as IntakeQueueKey)}
      search={search}
      onSearch={setSearch}
      searchLabel={t("searchLabel")}
      forced={pairs}
      query={query}
      right="intake.read"
      idOf={(row) => row.id}
      subjectOf={(row) => `report:${row.id}`}
      selected={id}
      onSelect={(next) => { fromList.current = next; void go(next ? `/intake/${next}` : "/intake", { replace: id !== null }); }}
      empty={tab === "public" ? <Empty title={t("emptyPublic")} hint={t("emptyPublicHint")} /> : tab === "draft" ? <Empty title={t("emptyDraft")} hint={hintsFor(may, [[null, t("emptyDraftHint")], ["intake.write", t("emptyDraftHintMake")]])} /> : <Empty title={t("emptyList")} hint={t("emptyListHint")} />}
      render={(row) => (
        <>
          <div className="l1"><strong className="nowrap">{row.number}</strong><span className="ellipsis">{row.victim_name || t("noName")}</span></div>
          <div className="r1"><MoneyText money={row.amount} bare /></div>
          <div className="l2"><StateChip words={REPORT_STATES} looks={REPORT_LOOKS} state={row.state} /><span className="ellipsis">{types.nameOf(row.scam_type)}</span></div>
          <div className="r2 muted">{word(REPORT_CHANNELS, row.channel)} <TimeText at={row.submitted_at ?? row.created_at} shape="short" /></div>
        </>
      )}
      detail={pairs ? <Pairs /> : id ? <ReportDetail id={id} onEdit={() => void go(`/intake/${id}?edit`)} /> : <Empty icon="intake" title={t("pick")} hint={hintsFor(may, [[null, t("pickHint")], ["intake.write", t("pickHintMake")]])} />}
    />
  );
}
