/** One entry that this operator keeps, and what happened to it. */
import { App } from "antd";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "react-router";
import { get, post } from "../../api/client";
import type { ListEntryDetail } from "../../api/types";
import { Actor } from "../../shell/Actor";
import { ActBar, ReasonForm, type Act } from "../../shell/ActBar";
import { useT, useWord } from "../../shell/i18n";
import { Card, Countdown, Fact, StateChip, TimeText } from "../../shell/pieces";
import { Reveal } from "../../shell/Reveal";
import { useSession } from "../../shell/session";
import { QueryView } from "../../shell/views";
import { History, ListAction, Pattern, Source } from "../pieces";
import { ENTRY_LOOKS, ENTRY_STATES, SHAPES } from "../texts";
import { LIST } from "./texts";

export function EntryDetail({ id }: { id: string }) {
  const query = useQuery({ queryKey: ["list-entries", id], queryFn: () => get<ListEntryDetail>(`/list/${id}`) });
  return <QueryView query={query} right="operator.lists.read">{(entry) => <Shown entry={entry} />}</QueryView>;
}

function Shown({ entry }: { entry: ListEntryDetail }) {
  const t = useT(LIST);
  const word = useWord();
  const client = useQueryClient();
  const { may } = useSession();
  const { message } = App.useApp();
  const acts: Act[] = [];
  if (entry.state === "active" && may("operator.lists.write")) {
    acts.push({
      key: "end", label: t("end"), hotkey: "l", tone: "danger",
      panel: (leave) => (
        <ReasonForm
          title={t("end")} hint={t("endHint")} confirm={t("end")} danger suggestions={[t("notScam"), t("reassigned")]} leave={leave}
          submit={async (reason, key) => { await post(`/list/${entry.id}/end`, { reason }, key); void message.success(t("endDone", { number: entry.number })); }}
          onDone={() => void client.invalidateQueries({ queryKey: ["list-entries"] })}
        />
      ),
    });
  }
  return (
    <>
      <div className="detail-head">
        <div className="grow">
          <h2><Pattern number={entry.number} shape={entry.shape} /> <ListAction action={entry.action} /> <StateChip words={ENTRY_STATES} looks={ENTRY_LOOKS} state={entry.state} /></h2>
          <div className="sub">{word(SHAPES, entry.shape)} · <Source source={entry.source} /></div>
        </div>
        {entry.state === "active" && entry.expires_at && <div className="right"><div className="faint" style={{ fontSize: 12 }}>{t("expires")}</div><Countdown large end={entry.expires_at} start={entry.created_at} /></div>}
      </div>
      <div className="detail-body" tabIndex={-1}>
        <Card title={t("facts")}>
          <dl className="facts">
            <Fact label={t("number")}>{entry.shape === "full" ? <Reveal subject={`entry:${entry.id}`} field="number" shape="phone"><Pattern number={entry.number} shape={entry.shape} /></Reveal> : <Pattern number={entry.number} shape={entry.shape} />}</Fact>
            <Fact label={t("expires")}>{entry.expires_at ? <TimeText at={entry.expires_at} /> : t("never")}</Fact>
            <Fact label={t("source")}><Source source={entry.source} /></Fact>
            {entry.case_number && <Fact label={t("case")}>{entry.case_number}</Fact>}
            <Fact label={t("addedBy")}><Actor who={entry.created_by} /></Fact>
            <Fact label={t("addedAt")}><TimeText at={entry.created_at} shape="full" /></Fact>
            {entry.import_id && <Fact label={t("importOf")}><Link to={`/list/imports/${entry.import_id}`}>{t("openImport")}</Link></Fact>}
            <Fact wide label={t("reason")}>{entry.reason}</Fact>
            {entry.note && <Fact wide label={t("note")}>{entry.note}</Fact>}
            {entry.ended_at && <Fact label={t("ended")}><TimeText at={entry.ended_at} shape="full" /></Fact>}
            {entry.ended_by && <Fact label={t("endedBy")}><Actor who={entry.ended_by} /></Fact>}
            {entry.end_reason && <Fact wide label={t("endReason")}>{entry.end_reason}</Fact>}
          </dl>
        </Card>
        <History title={t("history")} entries={entry.history} />
      </div>
      <ActBar scope={entry.id} acts={acts} />
    </>
  );
}
