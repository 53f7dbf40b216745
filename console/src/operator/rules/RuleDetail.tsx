/** One rule: its condition, what it does or would do beside the rules in force, its versions, and the steps open now. */
import { App } from "antd";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "react-router";
import { get, post } from "../../api/client";
import type { Page, ScreeningRule, ScreeningRuleDetail } from "../../api/types";
import { Actor } from "../../shell/Actor";
import { ActBar, ReasonForm, type Act } from "../../shell/ActBar";
import { formatCount, formatTime } from "../../shell/format";
import { useLang, useT, useWord } from "../../shell/i18n";
import { Card, Chip, Fact, StateChip, TimeText } from "../../shell/pieces";
import { QueryView } from "../../shell/views";
import { ACTIONS, CHANNELS } from "../../words/screening";
import { STAGE_LOOKS, STAGES } from "../texts";
import { LABELS, REPORTS, RULES, VERSION_WHATS } from "./texts";

type Step = "try" | "propose" | "publish" | "decline" | "stand_down" | "retire" | "restore";

export function RuleDetail({ id }: { id: number }) {
  const query = useQuery({ queryKey: ["screening-rules", id], queryFn: () => get<ScreeningRuleDetail>(`/rules/${id}`), refetchInterval: 15_000 });
  return <QueryView query={query} right="operator.rules.write">{(rule) => <Shown rule={rule} />}</QueryView>;
}

/** A count, or a dash where nothing counts. */
function countOf(count: number | null | undefined): string {
  return count === null || count === undefined ? "—" : formatCount(count);
}

function percent(share: number | null | undefined): string {
  if (share === null || share === undefined) return "—";
  return share === 0 ? "0%" : `${(share * 100).toPrecision(2)}%`;
}

/** A rule in shadow is judged beside those that act now, of the same channel. */
function Beside({ rule }: { rule: ScreeningRule }) {
  const t = useT(RULES);
  const lang = useLang();
  const word = useWord();
  const all = useQuery({ queryKey: ["screening-rules"], queryFn: async () => (await get<Page<ScreeningRule>>("/rules")).items }).data ?? [];
  const rows = all.filter((one) => one.channel === rule.channel && (one.stage === "live" || one.id === rule.id));
  const most = Math.max(1, ...rows.map((one) => one.decided ?? 0));
  return (
    <Card flush title={t("beside")}>
      <table className="sheet">
        <thead><tr><th>{t("rule")}</th><th>{t("stage")}</th><th>{t("action")}</th><th className="num">{t("held")}</th><th className="num">{t("decided")}</th><th aria-hidden="true" /><th className="num">{t("usual")}</th></tr></thead>
        <tbody>{rows.map((one) => (
          <tr key={one.id} className={one.id === rule.id ? "here" : ""}>
            <td>{lang === "zh" ? one.name_zh : one.name_en}</td><td><StateChip words={STAGES} looks={STAGE_LOOKS} state={one.stage} /></td><td>{word(ACTIONS, one.action)}</td>
            <td className="num">{countOf(one.held)}</td><td className="num">{countOf(one.decided)}</td>
            <td style={{ width: 110 }}><span aria-hidden="true" style={{ display: "block", height: 8, borderRadius: 2, width: `${((one.decided ?? 0) / most) * 100}%`, minWidth: one.decided ? 2 : 0, background: one.stage === "live" ? "var(--green)" : "var(--accent)" }} /></td>
            <td className="num">{percent(one.usual_share)}</td>
          </tr>
        ))}</tbody>
      </table>
    </Card>
  );
}

function Shown({ rule }: { rule: ScreeningRuleDetail }) {
  const t = useT(RULES);
  const word = useWord();
  const lang = useLang();
  const go = useNavigate();
  const client = useQueryClient();
  const { message } = App.useApp();
  const step = (which: Step, more: { hint?: string; danger?: boolean } = {}) => (leave: () => void) => (
    <ReasonForm
      {...more} title={t(which)} confirm={t(which)} reason="none" leave={leave}
      submit={async (_reason, key) => { await post(`/rules/${rule.id}/step`, { step: which }, key); void message.success(t("stepped", { act: t(which) })); }}
      onDone={() => { void client.invalidateQueries({ queryKey: ["screening-rules"] }); void client.invalidateQueries({ queryKey: ["desk-counts"] }); }}
    />
  );
  const table: Record<string, Act> = {
    publish: { key: "publish", label: t("publish"), hotkey: "a", tone: "primary", panel: step("publish", { hint: t("publishHint") }) },
    decline: { key: "decline", label: t("decline"), hotkey: "r", tone: "danger", panel: step("decline") },
    try: { key: "try", label: t("try"), hotkey: "t", tone: "primary", panel: step("try") },
    propose: { key: "propose", label: t("propose"), hotkey: "p", tone: "primary", panel: step("propose") },
    edit: { key: "edit", label: t("edit"), hotkey: "e", run: () => void go(`/rules/edit-${rule.id}`) },
    restore: { key: "restore", label: t("restore"), panel: step("restore") },
    stand_down: { key: "stand_down", label: t("stand_down"), hotkey: "s", tone: rule.stage === "live" ? "danger" : undefined, panel: step("stand_down", { hint: t("standDownHint"), danger: rule.stage === "live" }) },
    retire: { key: "retire", label: t("retire"), panel: step("retire", { danger: true }) },
  };
  const acts = Object.keys(table).filter((key) => rule.actions.includes(key)).flatMap((key) => table[key] ?? []);
  const runs = rule.stage === "live" || rule.stage === "shadow";
  return (
    <>
      <div className="detail-head">
        <div className="grow">
          <h2><span className="level">{rule.priority}</span>{lang === "zh" ? rule.name_zh : rule.name_en} <StateChip words={STAGES} looks={STAGE_LOOKS} state={rule.stage} />{rule.proposed_by && <Chip tone="amber" sign="◔">{t("proposed")}</Chip>}</h2>
          <div className="sub">{word(CHANNELS, rule.channel)} · {word(ACTIONS, rule.action)}{rule.label && ` · ${word(LABELS, rule.label)}`} · {t("owner")} <Actor who={rule.owner} /></div>
        </div>
      </div>
      <div className="detail-body" tabIndex={-1}>
        {rule.cut_out_at && rule.stage === "shadow" && <div className="problem" role="alert"><div className="title">{t("cutOut")}</div>{t("cutOutNote", { time: formatTime(rule.cut_out_at, "full") })}</div>}
        {rule.proposed_by && <div className="note amber">◔ {t("proposedNote", { who: rule.proposed_by })} <TimeText at={rule.proposed_at} /></div>}
        <Card title={t("expression")}><pre className="code" tabIndex={0}>{rule.expression}</pre></Card>
        <div className="cols">
          <Card title={rule.stage === "shadow" ? t("resultsShadow") : t("results")}>
            {!runs || rule.decided === null || rule.decided === undefined ? <span className="faint">{t("notLoaded")}</span> : (
              <dl className="facts">
                <Fact label={`${t("held")} · ${t("sinceStart")}`}><strong>{countOf(rule.held)}</strong></Fact>
                <Fact label={rule.stage === "shadow" ? t("wouldDecide") : t("decided")}><strong>{formatCount(rule.decided)}</strong></Fact>
                <Fact label={t("usual")}>{percent(rule.usual_share)}</Fact>
              </dl>
            )}
          </Card>
          <Card title={t("facts")}>
            <dl className="facts two">
              <Fact label={t("report")}>{word(REPORTS, rule.report)}</Fact>
              <Fact label={t("revision")}>{rule.revision}</Fact>
              <Fact label={t("owner")}><Actor who={rule.owner} /></Fact>
              <Fact label={t("changed")}><TimeText at={rule.changed_at} shape="short" /> <Actor who={rule.changed_by} /></Fact>
            </dl>
          </Card>
        </div>
        {runs && <Beside rule={rule} />}
        <Card flush title={t("versions")}>
          <table className="sheet">
            <thead><tr><th className="num">#</th><th>{t("what")}</th><th>{t("stage")}</th><th>{t("by")}</th><th>{t("at")}</th><th>{t("expression")}</th></tr></thead>
            <tbody>{rule.versions.map((one) => <tr key={one.version}><td className="num">{one.version}</td><td className="nowrap">{word(VERSION_WHATS, one.what)}</td><td>{word(STAGES, one.stage)}</td><td><Actor who={one.by} /></td><td><TimeText at={one.at} /></td><td className="mono" style={{ overflowWrap: "anywhere" }}>{one.expression}</td></tr>)}</tbody>
          </table>
        </Card>
      </div>
      <ActBar scope={String(rule.id)} acts={acts} />
    </>
  );
}
