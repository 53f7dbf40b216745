/** Chases that ask a person: at their cap of orders, or with a statement, an order or a payment that needs one. */
import { App, Button } from "antd";
import { useState } from "react";
import { useQuery } from "@tanstack/react-query";
import { get } from "../../api/client";
import type { ChaseWait, Page } from "../../api/types";
import { useLang, useT, useWord } from "../../shell/i18n";
import { useMoved } from "../../shell/moved";
import { Card, Chip, TimeText } from "../../shell/pieces";
import { faultWords, ProblemAlert } from "../../shell/problem";
import { prefixOf, useRegionName, useRegionScope } from "../../shell/region";
import { useSession } from "../../shell/session";
import { SubjectLink } from "../../shell/SubjectLink";
import { Empty, QueryView } from "../../shell/views";
import { OrderMore } from "./OrderMore";
import { CHASE, WAIT_KINDS } from "./texts";

/** What a decision about a chase may change. */
export const ASKING_LISTS = ["chases-waiting", "chases", "orders", "desk-counts"] as const;
const RENEW_MS = 60_000;

export function Asking() {
  const t = useT(CHASE);
  const lang = useLang();
  const word = useWord();
  const { may } = useSession();
  const { message } = App.useApp();
  const region = useRegionScope();
  const regionName = useRegionName();
  const { moved, renew, run } = useMoved(ASKING_LISTS);
  const [open, setOpen] = useState<string | null>(null);
  const leave = () => setOpen(null);
  const query = useQuery({ queryKey: ["chases-waiting"], queryFn: async ({ signal }) => (await get<Page<ChaseWait>>("/chases-waiting", {}, signal)).items, refetchInterval: RENEW_MS });
  return (
    <>
      <div className="detail-head"><div className="grow"><h2>{t("askingTitle")}</h2><div className="sub">{t("askingAbout")}</div></div></div>
      <div className="detail-body" tabIndex={-1}>
        <ProblemAlert error={moved} />
        <QueryView query={query} right="chase.read">
          {(all) => {
            const inside = all.filter((wait) => wait.region.startsWith(prefixOf(region)));
            return inside.length === 0 ? <Empty title={t("askingEmpty")} hint={t("askingEmptyHint")} /> : inside.map((wait) => {
              const key = `${wait.case_id}/${wait.kind}/${wait.key}`;
              const said = { ...wait.words, field: "" };
              return (
                <Card
                  key={key} flush
                  title={<><SubjectLink kind="case" id={wait.case_id}>{wait.case_number}</SubjectLink> <span className="muted" style={{ fontWeight: 400 }}>{regionName(wait.region)} · {t("askingSince")} <TimeText at={wait.since} /></span></>}
                  extra={wait.kind === "orders_beyond" && may("chase.act") && <Button size="small" type="primary" aria-expanded={open === key} onClick={() => setOpen(open === key ? null : key)}>{t("orderMore")}</Button>}
                >
                  <p style={{ margin: 0, padding: "8px 14px" }} aria-label={t("askingWhat")}><Chip tone={wait.kind === "stuck" ? "red" : "amber"} sign={wait.kind === "stuck" ? "▲" : "◔"}>{word(WAIT_KINDS, wait.kind)}</Chip> {faultWords(said, lang).what} <span className="muted">{faultWords(said, lang).remedy}</span></p>
                  {open === key && (
                    <div className="act-panel" style={{ borderTop: "1px solid var(--line)", borderBottom: 0 }}>
                      <OrderMore caseId={wait.case_id} run={run} leave={leave} onDone={() => { renew(); void message.success(t("askingDone", { number: wait.case_number })); }} />
                    </div>
                  )}
                </Card>
              );
            });
          }}
        </QueryView>
      </div>
    </>
  );
}
