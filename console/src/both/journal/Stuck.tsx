/** Stuck work: journal entries that a desk put aside, and timers that fail again and again; with the reason, and a retry. */
import { Button } from "antd";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { get, post } from "../../api/client";
import type { Page, Stuck } from "../../api/types";
import { useT, useWord } from "../../shell/i18n";
import { TimeText } from "../../shell/pieces";
import { ProblemAlert } from "../../shell/problem";
import { useSession } from "../../shell/session";
import { JOURNAL, KINDS } from "./texts";

const KEY = ["stuck"];
const LOOK_EVERY = 15_000;
/** A partner that has signed for another journal: nothing is tried again, a person dismisses it. */
const CONTRADICTED = "journal.contradicted";

/** The stuck work that the person may see; none without the right. */
export function useStuck() {
  const { may } = useSession();
  return useQuery({
    queryKey: KEY,
    queryFn: ({ signal }) => get<Page<Stuck>>("/journal/stuck", {}, signal),
    enabled: may("journal.retry"),
    refetchInterval: LOOK_EVERY,
  });
}

type Which = Pick<Stuck, "desk" | "seq" | "timer"> | null;

export function StuckWork() {
  const t = useT(JOURNAL);
  const word = useWord();
  const client = useQueryClient();
  const stuck = useStuck();
  const retry = useMutation({
    mutationFn: (which: Which) => post("/journal/stuck/retry", which === null ? {} : which.timer ? { timer: which.timer } : { desk: which.desk, seq: which.seq }),
    onSettled: () => client.invalidateQueries({ queryKey: KEY }),
  });
  const items = stuck.data?.items ?? [];
  return (
    <>
      <ProblemAlert error={retry.error ?? stuck.error} />
      {items.length > 0 && (
        <section className="problem" role="alert" aria-label={t("stuck", { n: items.length })} style={{ marginTop: 8 }}>
          <div style={{ display: "flex", gap: 14, alignItems: "center" }}>
            <strong style={{ fontSize: 15 }}>{t("stuck", { n: items.length })}</strong>
            <span>{t("stuckText")}</span>
            <span className="grow" />
            {items.some((item) => item.kind !== CONTRADICTED) && <Button size="small" loading={retry.isPending} onClick={() => retry.mutate(null)}>{t("retryAll")}</Button>}
          </div>
          <div style={{ maxHeight: 220, overflow: "auto", marginTop: 6 }} tabIndex={0}>
            <table className="sheet">
              <thead><tr><th>{t("stuckDesk")}</th><th>{t("stuckWhat")}</th><th>{t("since")}</th><th className="num">{t("attempts")}</th><th>{t("reason")}</th><th /></tr></thead>
              <tbody>
                {items.map((item) => (
                  <tr key={item.timer ?? `${item.desk}:${item.seq}`}>
                    <td className="nowrap">{item.desk}</td>
                    <td className="nowrap">{item.timer ? t("stuckTimer", { name: item.kind }) : `${t("entry", { n: item.seq ?? "?" })} · ${word(KINDS, item.kind)}`}</td>
                    <td><TimeText at={item.since} shape="full" /></td>
                    <td className="num">{item.attempts}</td>
                    <td>{item.kind === CONTRADICTED ? t("contradicted", { partner: item.subject.replace("partner:", ""), n: item.seq ?? "?" }) : <code className="mono">{item.reason}</code>}</td>
                    <td>{item.retrying ? <span className="faint">{t("retrying")}</span> : <Button size="small" onClick={() => retry.mutate(item)}>{t(item.kind === CONTRADICTED ? "dismiss" : "retry")}</Button>}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </section>
      )}
    </>
  );
}
