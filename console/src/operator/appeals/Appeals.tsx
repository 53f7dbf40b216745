/** The appeals desk (申诉): somebody who was stopped says why that is wrong. */
import { App, Select } from "antd";
import { useState } from "react";
import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useParams } from "react-router";
import { get, post } from "../../api/client";
import type { Appeal, AppealDetail, DeskCounts, FalseBlocks, Page } from "../../api/types";
import { ActBar, ReasonForm, type Act } from "../../shell/ActBar";
import { Field } from "../../shell/form";
import { formatCount } from "../../shell/format";
import { useT } from "../../shell/i18n";
import { Card, Fact, PhoneText, StateChip, TimeText } from "../../shell/pieces";
import { Queue } from "../../shell/Queue";
import { Reveal } from "../../shell/Reveal";
import { Empty, QueryView } from "../../shell/views";
import { History, ListAction, Pattern, Source } from "../pieces";
import { APPEAL_LOOKS, APPEAL_STATES } from "../texts";
import { APPEALS } from "./texts";

const TABS = ["open", "asked", "granted", "refused", "all"] as const;
type TabKey = (typeof TABS)[number];
const PAGE = 200;

function GrantPanel({ appeal, leave, onDone }: { appeal: AppealDetail; leave: () => void; onDone: () => void }) {
  const t = useT(APPEALS);
  const { message } = App.useApp();
  const wide = appeal.found.some((one) => one.shape !== "full");
  const [lift, setLift] = useState<"number" | "everything">(appeal.state === "asked" ? "everything" : "number");
  return (
    <ReasonForm
      title={t("grant")} hint={t("grantHint")} confirm={t("grant")} suggestions={[t("reasonGrant")]} leave={leave} onDone={onDone}
      submit={async (reason, key) => { await post(`/appeals/${appeal.id}/grant`, { reason, lift }, key); void message.success(t("done", { act: t("grant"), number: appeal.number })); }}
    >
      {wide && <Field className="s8" label={t("lift")} path="lift">{({ id, status }) => <Select id={id} status={status} value={lift} onChange={setLift} options={[{ value: "number", label: t("liftNumber") }, { value: "everything", label: t("liftEverything") }]} />}</Field>}
    </ReasonForm>
  );
}

function Shown({ appeal }: { appeal: AppealDetail }) {
  const t = useT(APPEALS);
  const go = useNavigate();
  const client = useQueryClient();
  const { message } = App.useApp();
  const renew = () => {
    void client.invalidateQueries({ queryKey: ["appeals"] });
    void client.invalidateQueries({ queryKey: ["desk-counts"] });
  };
  const acts: Act[] = [];
  if (appeal.actions.includes("grant")) acts.push({ key: "grant", label: t("grant"), hotkey: "a", tone: "primary", panel: (leave) => <GrantPanel appeal={appeal} leave={leave} onDone={renew} /> });
  if (appeal.actions.includes("refuse")) {
    acts.push({
      key: "refuse", label: t("refuse"), hotkey: "r", tone: "danger",
      panel: (leave) => <ReasonForm title={t("refuse")} hint={t("refuseHint")} confirm={t("refuse")} danger suggestions={[t("reasonRefuse")]} leave={leave} onDone={renew} submit={async (reason, key) => { await post(`/appeals/${appeal.id}/refuse`, { reason }, key); void message.success(t("done", { act: t("refuse"), number: appeal.number })); }} />,
    });
  }
  acts.push({ key: "story", label: t("story"), hotkey: "o", run: () => void go("/number", { state: { key: appeal.caller_key } }) });
  return (
    <>
      <div className="detail-head"><div className="grow"><h2>{appeal.number} <StateChip words={APPEAL_STATES} looks={APPEAL_LOOKS} state={appeal.state} /></h2><div className="sub"><PhoneText value={appeal.caller} /> · {t("madeAt")} <TimeText at={appeal.made_at} /></div></div></div>
      <div className="detail-body" tabIndex={-1}>
        {appeal.state === "asked" && appeal.asked_by && <div className="note amber">◑ {t("askedNote", { who: appeal.asked_by })}</div>}
        <div className="cols">
          <Card title={t("words")}><p style={{ whiteSpace: "pre-wrap", overflowWrap: "anywhere", lineHeight: 1.7 }}>{appeal.words}</p></Card>
          <Card title={t("facts")}>
            <dl className="facts two">
              <Fact label={t("caller")}><Reveal subject={`appeal:${appeal.id}`} field="caller" shape="phone"><PhoneText value={appeal.caller} /></Reveal></Fact>
              <Fact label={t("contact")}>{appeal.has_contact ? <Reveal subject={`appeal:${appeal.id}`} field="contact"><span className="muted">{t("contactHidden")} </span></Reveal> : <span className="faint">{t("contactNone")}</span>}</Fact>
              {appeal.asked_by && <Fact label={t("askedBy")}>{appeal.asked_by}</Fact>}
              {appeal.decided_by && <Fact label={t("decidedBy")}>{appeal.decided_by}</Fact>}
              {appeal.decided_at && <Fact label={t("decidedAt")}><TimeText at={appeal.decided_at} shape="full" /></Fact>}
              {appeal.lift && <Fact label={t("lift")}>{appeal.lift === "number" ? t("liftNumber") : t("liftEverything")}</Fact>}
              {appeal.reason && <Fact wide label={t("decision")}>{appeal.reason}</Fact>}
            </dl>
          </Card>
        </div>
        <Card flush title={t("found")}>
          {appeal.found.length === 0 ? <p className="faint" style={{ padding: "8px 12px" }}>{t("foundNone")}</p> : (
            <table className="sheet"><thead><tr><th>{t("number")}</th><th>{t("action")}</th><th>{t("reason")}</th><th>{t("source")}</th></tr></thead>
              <tbody>{appeal.found.map((one) => <tr key={`${one.number}/${one.action}/${one.source}`}><td><Pattern number={one.number} shape={one.shape} /></td><td><ListAction action={one.action} /></td><td>{one.reason}</td><td><Source source={one.source} /></td></tr>)}</tbody>
            </table>
          )}
        </Card>
        {appeal.beside.length > 0 && (
          <Card title={t("beside")}>
            <p className="muted">{t("besideHint")}</p>
            {appeal.beside.map((one) => <p key={one.id} style={{ overflowWrap: "anywhere" }}><Link to={`/appeals/${one.id}`}>{one.number}</Link> · <TimeText at={one.made_at} shape="short" /> · {one.words}</p>)}
          </Card>
        )}
        <History title={t("history")} entries={appeal.history} />
      </div>
      <ActBar scope={appeal.id} acts={acts} />
    </>
  );
}

function Detail({ id }: { id: string }) {
  const query = useQuery({ queryKey: ["appeals", id], queryFn: () => get<AppealDetail>(`/appeals/${id}`) });
  return <QueryView query={query} right="operator.appeals.decide">{(appeal) => <Shown appeal={appeal} />}</QueryView>;
}

function Rate() {
  const t = useT(APPEALS);
  const found = useQuery({ queryKey: ["appeals", "false-blocks"], queryFn: () => get<FalseBlocks>("/false-blocks"), staleTime: 60_000 }).data;
  if (!found) return null;
  return <p className="muted" style={{ padding: "10px 14px 0" }}>{t("falseBlocks", { days: found.days, stopped: formatCount(found.stopped), granted: found.granted })}{found.per_million !== null && found.per_million !== undefined && <> · <strong>{t("perMillion", { n: found.per_million.toFixed(1) })}</strong></>}</p>;
}

export default function Appeals() {
  const { id } = useParams();
  const t = useT(APPEALS);
  const go = useNavigate();
  const [tab, setTab] = useState<TabKey>("open");
  const [search, setSearch] = useState("");
  const counts = useQuery({ queryKey: ["desk-counts"], queryFn: () => get<DeskCounts>("/desk-counts") }).data ?? {};
  const query = useQuery({
    queryKey: ["appeals", { tab, search }],
    queryFn: async ({ signal }) => {
      const { items } = await get<Page<Appeal>>("/appeals", { state: tab === "all" ? "" : tab, q: search.trim(), limit: PAGE }, signal);
      // Who waits longest stands first where somebody waits.
      return tab === "open" || tab === "asked" ? [...items].reverse() : items;
    },
    placeholderData: keepPreviousData,
  });
  const labels: Record<TabKey, string> = { open: t("tabOpen"), asked: t("tabAsked"), granted: t("tabGranted"), refused: t("tabRefused"), all: t("tabAll") };
  return (
    <Queue
      title={t("title")}
      tabs={TABS.map((key) => ({ key, label: labels[key], count: key === "open" ? counts.appeals : undefined }))}
      tab={tab} onTab={(key) => setTab(key as TabKey)} search={search} onSearch={setSearch} searchLabel={t("searchLabel")}
      query={query} right="operator.appeals.decide" idOf={(row) => row.id} subjectOf={(row) => `appeal:${row.id}`}
      selected={id ?? null} onSelect={(next) => void go(next ? `/appeals/${next}` : "/appeals", { replace: Boolean(id) })}
      empty={<Empty title={t("empty")} hint={t("emptyHint")} />}
      render={(row) => (
        <>
          <div className="l1"><strong className="nowrap">{row.number}</strong><PhoneText value={row.caller} /></div>
          <div className="r1" style={{ fontWeight: 400, fontSize: 12 }}><TimeText at={row.made_at} shape="short" /></div>
          <div className="l2"><StateChip words={APPEAL_STATES} looks={APPEAL_LOOKS} state={row.state} /><span className="ellipsis">{row.words}</span></div>
          <div className="r2 muted">{row.found[0] && <Source source={row.found[0].source} />}</div>
        </>
      )}
      detail={id ? <Detail key={id} id={id} /> : <><Rate /><Empty icon="appeals" title={t("pick")} hint={t("pickHint")} /></>}
    />
  );
}
