/** The screening rules (拦截规则): written, tried in shadow beside those in force, published by a second person. */
import { Button } from "antd";
import { useState } from "react";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useNavigate, useParams } from "react-router";
import { get } from "../../api/client";
import type { Page, ScreeningRule } from "../../api/types";
import { formatCount } from "../../shell/format";
import { useLang, useT, useWord } from "../../shell/i18n";
import { useKeys } from "../../shell/keys";
import { Chip, StateChip } from "../../shell/pieces";
import { Queue } from "../../shell/Queue";
import { Empty } from "../../shell/views";
import { ACTIONS, CHANNELS } from "../../words/screening";
import { STAGE_LOOKS, STAGES } from "../texts";
import { RuleDetail } from "./RuleDetail";
import { RuleForm } from "./RuleForm";
import { RULES } from "./texts";

const TABS = ["live", "shadow", "draft", "retired", "all"] as const;
type TabKey = (typeof TABS)[number];

function Row({ rule }: { rule: ScreeningRule }) {
  const t = useT(RULES);
  const word = useWord();
  const lang = useLang();
  return (
    <>
      <div className="l1"><span className="level">{rule.priority}</span><strong className="ellipsis">{lang === "zh" ? rule.name_zh : rule.name_en}</strong></div>
      <div className="r1" style={{ fontWeight: 400 }}>{rule.decided === null || rule.decided === undefined ? <span className="faint">—</span> : t(rule.stage === "shadow" ? "wouldDecideN" : "decidedN", { n: formatCount(rule.decided) })}</div>
      <div className="l2"><StateChip words={STAGES} looks={STAGE_LOOKS} state={rule.stage} /><span className="nowrap">{word(CHANNELS, rule.channel)}</span>
        {rule.proposed_by && <Chip tone="amber" sign="◔">{t("proposed")}</Chip>}{rule.cut_out_at && rule.stage === "shadow" && <Chip tone="red" sign="!">{t("cutOut")}</Chip>}</div>
      <div className="r2">{word(ACTIONS, rule.action)}</div>
    </>
  );
}

export default function Rules() {
  const { id } = useParams();
  const t = useT(RULES);
  const go = useNavigate();
  const [tab, setTab] = useState<TabKey>("all");
  const [search, setSearch] = useState("");
  const all = useQuery({ queryKey: ["screening-rules"], queryFn: async () => (await get<Page<ScreeningRule>>("/rules")).items, placeholderData: keepPreviousData, refetchInterval: 15_000 });
  const wanted = search.trim().toLowerCase();
  const shown = { ...all, data: all.data?.filter((rule) => (tab === "all" || rule.stage === tab) && `${rule.name_zh} ${rule.name_en} ${rule.expression}`.toLowerCase().includes(wanted)) } as typeof all;
  const count = (stage: TabKey) => all.data?.filter((rule) => stage === "all" || rule.stage === stage).length;
  const editing = id === "new" || Boolean(id?.startsWith("edit-"));
  useKeys({ n: () => void go("/rules/new") });
  const labels: Record<TabKey, string> = { live: t("tabLive"), shadow: t("tabShadow"), draft: t("tabDraft"), retired: t("tabRetired"), all: t("tabAll") };
  return (
    <Queue
      title={t("title")}
      extra={<Button size="small" type="primary" onClick={() => void go("/rules/new")}>＋ {t("add")} <kbd aria-hidden="true">N</kbd></Button>}
      tabs={TABS.map((key) => ({ key, label: labels[key], count: count(key) }))}
      tab={tab} onTab={(key) => setTab(key as TabKey)} search={search} onSearch={setSearch} searchLabel={t("searchLabel")}
      forced={editing}
      query={shown} right="operator.rules.write" idOf={(rule) => String(rule.id)} subjectOf={(rule) => `rule:${rule.id}`}
      selected={editing ? null : (id ?? null)} onSelect={(next) => void go(next ? `/rules/${next}` : "/rules", { replace: Boolean(id) })}
      empty={<Empty title={t("empty")} hint={t("emptyHint")} />}
      render={(rule) => <Row rule={rule} />}
      detail={editing ? <RuleForm key={id} id={id === "new" ? null : Number(id?.slice(5))} /> : id ? <RuleDetail key={id} id={Number(id)} /> : <Empty icon="rules" title={t("pick")} hint={t("pickHint")} />}
    />
  );
}
