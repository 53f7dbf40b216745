/** One entry of the number list, and every entry that there was for the same numbers. */
import { App } from "antd";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { get, post } from "../../api/client";
import type { NumberAct, NumberEntry, NumberEntryRow } from "../../api/types";
import { Actor } from "../../shell/Actor";
import { ActBar, ReasonForm, type Act } from "../../shell/ActBar";
import { useLang, useT, useWord } from "../../shell/i18n";
import { Card, Chip, Countdown, Fact, StateChip, TimeText } from "../../shell/pieces";
import { Reveal } from "../../shell/Reveal";
import { SubjectLink } from "../../shell/SubjectLink";
import { QueryView } from "../../shell/views";
import { LIST_ACTIONS, LIST_LOOKS } from "../../words/screening";
import { Pattern } from "./pieces";
import { ENTRY_LOOKS, ENTRY_STATES, NUMBERS, PATTERN_KINDS } from "./texts";

export function EntryDetail({ id }: { id: string }) {
  const query = useQuery({ queryKey: ["number-entries", id], queryFn: () => get<NumberEntry>(`/number-entries/${id}`) });
  return <QueryView query={query} right="numbers.read">{(entry) => <Shown entry={entry} />}</QueryView>;
}

function Shown({ entry }: { entry: NumberEntry }) {
  const t = useT(NUMBERS);
  const lang = useLang();
  const word = useWord();
  const client = useQueryClient();
  const { message } = App.useApp();
  const panel = (act: NumberAct, title: string, more: { hint?: string; danger?: boolean; reason?: "none"; suggestions?: string[] }) => (leave: () => void) => (
    <ReasonForm
      {...more}
      title={title} confirm={title} leave={leave}
      submit={async (reason, key) => {
        await post<NumberEntryRow>(`/number-entries/${entry.id}/${act}`, more.reason === "none" ? {} : { reason }, key);
        void message.success(t("acted", { act: title, pattern: entry.pattern }));
      }}
      onDone={() => void client.invalidateQueries({ queryKey: ["number-entries"] })}
    />
  );
  const table: Record<NumberAct, Act> = {
    confirm: { key: "confirm", label: t("confirm"), hotkey: "a", tone: "primary", panel: panel("confirm", t("confirm"), { hint: t("confirmHint"), reason: "none" }) },
    approve: { key: "approve", label: t("approve"), hotkey: "a", tone: "primary", panel: panel("approve", t("approve"), { hint: t("approveHint"), reason: "none" }) },
    refuse: { key: "refuse", label: t("refuse"), hotkey: "r", tone: "danger", panel: panel("refuse", t("refuse"), { danger: true, suggestions: [t("notScam")] }) },
    remove: { key: "remove", label: t("remove"), hotkey: "l", tone: "danger", panel: panel("remove", t("remove"), { danger: true, hint: t("removeHint"), suggestions: [t("notScam"), t("reassigned")] }) },
  };
  return (
    <>
      <div className="detail-head">
        <div className="grow">
          <h2><Pattern entry={entry} /> <Chip tone={LIST_LOOKS[entry.action]?.tone} sign={LIST_LOOKS[entry.action]?.sign}>{word(LIST_ACTIONS, entry.action)}</Chip> <StateChip words={ENTRY_STATES} looks={ENTRY_LOOKS} state={entry.state} /></h2>
          <div className="sub">{word(PATTERN_KINDS, entry.kind)} · {(lang === "en" && entry.source_en) || entry.source}</div>
        </div>
        {entry.state === "active" && entry.expires_at && <div className="right"><div className="faint" style={{ fontSize: 12 }}>{t("expires")}</div><Countdown large end={entry.expires_at} start={entry.made_at} /></div>}
      </div>
      <div className="detail-body" tabIndex={-1}>
        <Card title={t("facts")}>
          <dl className="facts">
            <Fact label={t("number")}>{entry.kind === "full" ? <Reveal subject={`number:${entry.id}`} field="pattern" shape="phone"><Pattern entry={entry} /></Reveal> : <Pattern entry={entry} />}</Fact>
            <Fact label={t("expires")}>{entry.expires_at ? <TimeText at={entry.expires_at} /> : t("never")}</Fact>
            <Fact label={t("source")}>{(lang === "en" && entry.source_en) || entry.source}</Fact>
            {entry.case_id && <Fact label={t("case")}><SubjectLink kind="report" id={entry.case_id}>{entry.case_number}</SubjectLink></Fact>}
            {entry.label && <Fact label={t("label")}>{entry.label}</Fact>}
            <Fact label={t("maker")}><Actor who={entry.maker} /></Fact>
            <Fact label={t("madeAt")}><TimeText at={entry.made_at} shape="full" /></Fact>
            {entry.checker && <Fact label={t("checker")}><Actor who={entry.checker} /> <span className="faint"><TimeText at={entry.decided_at} shape="short" /></span></Fact>}
            <Fact wide label={t("reason")}>{(lang === "en" && entry.reason_en) || entry.reason}</Fact>
            {entry.decision_reason && <Fact wide label={t("decisionReason")}>{entry.decision_reason}</Fact>}
            {entry.ended_at && <Fact label={t("ended")}><TimeText at={entry.ended_at} shape="full" /></Fact>}
            {entry.ended_by && <Fact label={t("endedBy")}><Actor who={entry.ended_by} /></Fact>}
            {entry.end_reason && <Fact wide label={t("endReason")}>{entry.end_reason}</Fact>}
          </dl>
        </Card>
        <Card flush title={t("history")}>
          <table className="sheet">
            <thead><tr><th>{t("madeAt")}</th><th>{t("action")}</th><th>{t("state")}</th><th>{t("reason")}</th><th>{t("maker")}</th><th>{t("ended")}</th></tr></thead>
            <tbody>{entry.history.map((one) => (
              <tr key={one.id} className={one.id === entry.id ? "here" : ""}><td><TimeText at={one.made_at} /></td><td>{word(LIST_ACTIONS, one.action)}</td><td><StateChip words={ENTRY_STATES} looks={ENTRY_LOOKS} state={one.state} /></td><td>{(lang === "en" && one.reason_en) || one.reason}</td><td><Actor who={one.maker} /></td><td><TimeText at={one.ended_at} /></td></tr>
            ))}</tbody>
          </table>
        </Card>
      </div>
      <ActBar scope={entry.id} acts={(Object.keys(table) as NumberAct[]).filter((key) => entry.acts.includes(key)).map((key) => table[key])} />
    </>
  );
}
