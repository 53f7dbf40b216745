/** One number's story (号码全貌): the list, orders, hits and reports that name it. The number never enters an address. */
import { Button, Input } from "antd";
import { useState } from "react";
import { useMutation } from "@tanstack/react-query";
import { Link, useLocation } from "react-router";
import { post, Problem } from "../../api/client";
import type { NumberStory } from "../../api/types";
import { FaultScope, Field, strayFaults } from "../../shell/form";
import { useLang, useT, useWord } from "../../shell/i18n";
import { usePartners } from "../../shell/partners";
import { Card, Chip, PhoneText, StateChip, TimeText } from "../../shell/pieces";
import { ProblemAlert } from "../../shell/problem";
import { useRegionName, useScamTypes } from "../../shell/region";
import { SubjectLink } from "../../shell/SubjectLink";
import { Empty } from "../../shell/views";
import { LINE_KINDS, LINE_LOOKS, LINE_STATES } from "../../words/line";
import { LIST_ACTIONS, LIST_LOOKS } from "../../words/screening";
import { Pattern } from "../numbers/pieces";
import { ENTRY_LOOKS, ENTRY_STATES } from "../numbers/texts";
import { HitTable } from "./HitTable";
import { SIGNALS } from "./texts";
import "./signals.css";

function Shown({ story }: { story: NumberStory }) {
  const lang = useLang();
  const t = useT(SIGNALS);
  const word = useWord();
  const { nameOf } = usePartners();
  const regionName = useRegionName();
  const types = useScamTypes();
  const none = <p className="faint" style={{ padding: "8px 12px" }}>{t("nothing")}</p>;
  return (
    <>
      <h2 style={{ fontSize: 20, margin: "4px 0 10px" }}><PhoneText value={story.number} /></h2>
      <Card flush title={`${t("entries")} · ${story.entries.length}`}>
        {story.entries.length === 0 ? none : (
          <table className="sheet">
            <thead><tr><th>{t("number")}</th><th>{t("action")}</th><th>{t("state")}</th><th>{t("reason")}</th><th>{t("source")}</th><th>{t("expires")}</th></tr></thead>
            <tbody>{story.entries.map((one) => <tr key={one.id}><td><Link to={`/numbers/${one.id}`}><Pattern entry={one} /></Link></td><td><Chip tone={LIST_LOOKS[one.action]?.tone} sign={LIST_LOOKS[one.action]?.sign}>{word(LIST_ACTIONS, one.action)}</Chip></td><td><StateChip words={ENTRY_STATES} looks={ENTRY_LOOKS} state={one.state} /></td><td>{(lang === "en" && one.reason_en) || one.reason}</td><td>{(lang === "en" && one.source_en) || one.source}</td><td><TimeText at={one.expires_at} /></td></tr>)}</tbody>
          </table>
        )}
      </Card>
      <div className="cols">
        <Card flush title={`${t("orders")} · ${story.orders.length}`}>
          {story.orders.length === 0 ? none : (
            <table className="sheet"><tbody>{story.orders.map((one) => <tr key={one.id}><td><SubjectLink kind="line" id={one.id}>{one.number}</SubjectLink></td><td>{word(LINE_KINDS, one.kind)}</td><td>{nameOf(one.partner, one.partner_name)}</td><td><StateChip words={LINE_STATES} looks={LINE_LOOKS} state={one.state} /></td><td><TimeText at={one.made_at} shape="short" /></td></tr>)}</tbody></table>
          )}
        </Card>
        <Card flush title={`${t("reports")} · ${story.reports.length}`}>
          {story.reports.length === 0 ? none : (
            <table className="sheet">
              <thead><tr><th>{t("number")}</th><th>{t("region")}</th><th>{t("scamType")}</th><th>{t("submitted")}</th></tr></thead>
              <tbody>{story.reports.map((one) => <tr key={one.id}><td><SubjectLink kind="report" id={one.id}>{one.number}</SubjectLink></td><td>{regionName(one.region)}</td><td>{types.nameOf(one.scam_type)}</td><td><TimeText at={one.submitted_at} shape="short" /></td></tr>)}</tbody>
            </table>
          )}
        </Card>
      </div>
      <Card flush title={`${t("hits")} · ${story.hits.length}`}><HitTable hits={story.hits} /></Card>
    </>
  );
}

export default function Story() {
  const t = useT(SIGNALS);
  const { state } = useLocation() as { state: { number?: string } | null };
  const [number, setNumber] = useState(state?.number ?? "");
  const ask = useMutation({ mutationFn: (text: string) => post<NumberStory>("/number-story", { number: text }) });
  const faults = ask.error instanceof Problem ? ask.error.faults : [];
  return (
    <div className="page">
      <div className="page-head"><h1>{t("storyTitle")}</h1><span className="faint">{t("storyAbout")}</span></div>
      <FaultScope faults={faults}>
        <ProblemAlert error={faults.length > 0 ? null : ask.error} faults={strayFaults(faults)} />
        <form className="story-ask" onSubmit={(event) => { event.preventDefault(); if (number.trim()) ask.mutate(number.trim()); }}>
          <Field className="" label={t("storyInput")} path="number">{({ id, status }) => <Input id={id} status={status} autoFocus inputMode="tel" autoComplete="off" maxLength={32} value={number} onChange={(event) => setNumber(event.target.value)} />}</Field>
          <Button htmlType="submit" type="primary" loading={ask.isPending} style={{ alignSelf: "end" }}>{t("storyAsk")}</Button>
        </form>
      </FaultScope>
      {ask.data ? <Shown story={ask.data} /> : <Empty icon="story" title={t("storyPick")} hint={t("storyPickHint")} />}
    </div>
  );
}
