/** Pairs of reports that may tell of one payment: an officer compares both, and decides with a reason. */
import { App, Button } from "antd";
import { useState } from "react";
import { useQuery } from "@tanstack/react-query";
import { get, post } from "../../api/client";
import type { Page, WaitingPair } from "../../api/types";
import { REPORT_CHANNELS, REPORT_LOOKS, REPORT_STATES } from "../../words/report";
import { ReasonForm } from "../../shell/ActBar";
import { useT, useWord } from "../../shell/i18n";
import { useMoved } from "../../shell/moved";
import { Chip, StateChip, TimeText } from "../../shell/pieces";
import { ProblemAlert } from "../../shell/problem";
import { useSession } from "../../shell/session";
import { SubjectLink } from "../../shell/SubjectLink";
import { Empty, QueryView } from "../../shell/views";
import { INTAKE } from "./texts";

/** What a decision about a pair may change. */
export const PAIR_LISTS = ["report-pairs", "reports", "desk-counts", "chases", "orders"] as const;
const RENEW_MS = 60_000;
const ACTS = [["same", "pairSame", "pairSameHint"], ["separate", "pairSeparate", "pairSeparateHint"]] as const;

export function Pairs() {
  const t = useT(INTAKE);
  const word = useWord();
  const { may } = useSession();
  const { message } = App.useApp();
  const { moved, renew, run } = useMoved(PAIR_LISTS);
  const [open, setOpen] = useState<string | null>(null);
  const leave = () => setOpen(null);
  const query = useQuery({ queryKey: ["report-pairs"], queryFn: async ({ signal }) => (await get<Page<WaitingPair>>("/report-pairs", {}, signal)).items, refetchInterval: RENEW_MS });
  return (
    <>
      <div className="detail-head"><div className="grow"><h2>{t("pairsTitle")}</h2><div className="sub">{t("pairsAbout")}</div></div></div>
      <div className="detail-body" tabIndex={-1}>
        <ProblemAlert error={moved} />
        <QueryView query={query} right="intake.read">
          {(pairs) => pairs.length === 0 ? <Empty title={t("pairsEmpty")} hint={t("pairsEmptyHint")} /> : pairs.map((pair) => {
            const key = `${pair.other_id}/${pair.report_id}`;
            const act = ACTS.find(([verdict]) => open === `${key}/${verdict}`);
            return (
              <section key={key} className="card" aria-label={`${pair.other_number} ${pair.number}`}>
                <div className="sheet-wrap bare">
                <table className="sheet">
                  <thead><tr><th>{t("pairEarlier")}</th><th>{t("pairLater")}</th><th>{t("pairCertainty")}</th><th>{t("pairSince")}</th>{may("intake.write") && <th>{t("pairAct")}</th>}</tr></thead>
                  <tbody>
                    <tr>
                      <td><SubjectLink kind="report" id={pair.other_id}>{pair.other_number}</SubjectLink></td>
                      <td><SubjectLink kind="report" id={pair.report_id}>{pair.number}</SubjectLink> <StateChip words={REPORT_STATES} looks={REPORT_LOOKS} state={pair.state} /><br /><span className="muted">{word(REPORT_CHANNELS, pair.channel)}</span></td>
                      <td>{pair.certainty === "same" ? <Chip tone="red" sign="●">{t("pairSure")}</Chip> : <Chip tone="amber" sign="◔">{t("pairPossible")}</Chip>}</td>
                      <td className="nowrap"><TimeText at={pair.found_at} shape="short" /></td>
                      {may("intake.write") && (
                        <td><div className="row-wrap">{ACTS.map(([verdict, label]) => (
                          <Button key={verdict} size="small" aria-expanded={open === `${key}/${verdict}`} onClick={() => setOpen(open === `${key}/${verdict}` ? null : `${key}/${verdict}`)}>{t(label)}</Button>
                        ))}</div></td>
                      )}
                    </tr>
                  </tbody>
                </table>
                </div>
                {act && (
                  <div className="act-panel" style={{ borderTop: "1px solid var(--line)", borderBottom: 0 }}>
                    <ReasonForm
                      key={act[0]} title={t("pairSaid", { other: pair.other_number, number: pair.number, verdict: t(act[1]) })} hint={t(act[2])} confirm={t(act[1])} leave={leave} onDone={renew}
                      submit={async (reason, idempotencyKey) => {
                        await run(() => post(`/reports/${pair.report_id}/pairs/${pair.other_id}`, { verdict: act[0], reason }, idempotencyKey), leave);
                        void message.success(t("pairSaid", { other: pair.other_number, number: pair.number, verdict: t(act[1]) }));
                      }}
                    />
                  </div>
                )}
              </section>
            );
          })}
        </QueryView>
      </div>
    </>
  );
}
