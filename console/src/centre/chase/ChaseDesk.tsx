/** The chase desk (追踪溯源): cases whose money is followed, those with money still moving first. */
import { Button } from "antd";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate, useParams } from "react-router";
import { get } from "../../api/client";
import type { Chase, ChaseRow, DeskCounts, Page } from "../../api/types";
import { hintsFor } from "../../shell/hints";
import { useT } from "../../shell/i18n";
import { MoneyText } from "../../shell/pieces";
import { Queue } from "../../shell/Queue";
import { prefixOf, useRegionScope } from "../../shell/region";
import { Empty } from "../../shell/views";
import { Asking } from "./Asking";
import { useSession } from "../../shell/session";
import { ChaseDetail } from "./ChaseDetail";
import { CHASE } from "./texts";
import "./chase.css";

export default function ChaseDesk() {
  const { case: shown } = useParams();
  const asking = shown === "waiting";
  const id = asking ? null : shown;
  const t = useT(CHASE);
  const go = useNavigate();
  const { may } = useSession();
  const region = useRegionScope();
  const [tab, setTab] = useState("all");
  const [search, setSearch] = useState("");
  const counts = useQuery({ queryKey: ["desk-counts"], queryFn: () => get<DeskCounts>("/desk-counts") }).data ?? {};
  const query = useQuery({
    queryKey: ["chases", { tab, search, region }],
    queryFn: async ({ signal }) => {
      const { items } = await get<Page<ChaseRow>>("/chases", { state: tab === "all" ? "" : tab, limit: 200 }, signal);
      const wanted = search.trim().toUpperCase();
      return items.filter((row) => row.region.startsWith(prefixOf(region)) && row.case_number.toUpperCase().includes(wanted))
        .sort((a, b) => Number(b.state === "running") - Number(a.state === "running"));
    },
    placeholderData: keepPreviousData,
  });
  return (
    <Queue
      slim
      title={t("title")}
      extra={(asking || (counts.chase_waiting ?? 0) > 0) && <Button size="small" type={asking ? "primary" : "default"} title={t("askingTitle")} onClick={() => void go("/chase/waiting")}>{t("askingOpen", { n: counts.chase_waiting ?? 0 })}</Button>}
      tabs={[{ key: "all", label: t("tabAll") }, { key: "running", label: t("tabOpen"), count: counts.chases }, { key: "paused", label: t("tabPaused") }, { key: "dry", label: t("tabEnded") }]}
      tab={tab}
      onTab={setTab}
      search={search}
      onSearch={setSearch}
      searchLabel={t("searchLabel")}
      forced={asking}
      query={query}
      right="chase.read"
      idOf={(row) => row.case_id}
      now={{ key: (one) => ["chases", one], get: (one) => get<Chase>(`/chases/${one}`) }}
      subjectOf={(row) => `chase:${row.case_id}`}
      selected={id ?? null}
      onSelect={(next) => void go(next ? `/chase/${next}` : "/chase", { replace: Boolean(shown) })}
      empty={<Empty title={t("empty")} hint={t("emptyHint")} />}
      render={(row) => (
        <>
          <div className="l1"><strong className="nowrap">{row.case_number}</strong></div>
          <div className="r1"><MoneyText bare money={row.reported} /></div>
          <div className="l2"><span className="ellipsis">{t("rowLevels", { levels: row.levels, accounts: row.accounts })}</span></div>
          <div className="r2">{row.open.minor > 0 ? <span title={row.state === "dry" ? t("notHeld") : t("moving")} style={{ color: row.state === "dry" ? "var(--red)" : "var(--amber)", fontWeight: 600 }}>{row.state === "dry" ? "▲" : "●"} <MoneyText bare money={row.open} /></span> : <span style={{ color: "var(--green)" }}>■ <MoneyText bare money={row.stopped} /></span>}</div>
        </>
      )}
      detail={asking ? <Asking /> : id ? <ChaseDetail key={id} id={id} /> : <Empty icon="chase" title={t("pick")} hint={hintsFor(may, [[null, t("pickHint")], ["chase.act", t("pickHintAct")]])} />}
    />
  );
}
