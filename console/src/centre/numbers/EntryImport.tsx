/** A file of entries; the rows that were not taken are told with their faults. */
import { Button } from "antd";
import { useRef, useState } from "react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { call, get } from "../../api/client";
import type { NumbersImported, Page } from "../../api/types";
import { useT } from "../../shell/i18n";
import { Card, Fact } from "../../shell/pieces";
import { ProblemAlert } from "../../shell/problem";
import { ImportProgress, whileRunning } from "../../shell/ImportProgress";
import { RefusedRows } from "../../shell/RefusedRows";
import { useSession } from "../../shell/session";
import { NUMBERS } from "./texts";

export function EntryImport() {
  const t = useT(NUMBERS);
  const client = useQueryClient();
  const file = useRef<HTMLInputElement>(null);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const [shown, setShown] = useState<string | null>(null);
  const { may } = useSession();
  const recent = useQuery({ queryKey: ["number-imports"], queryFn: async () => (await get<Page<NumbersImported>>("/number-imports")).items });
  // The latest one where none was chosen: an import goes on while its page is left.
  const id = shown ?? recent.data?.[0]?.id;
  const query = useQuery({
    queryKey: ["number-imports", id],
    enabled: id !== undefined,
    queryFn: () => get<NumbersImported>(`/number-imports/${id ?? ""}`),
    refetchInterval: (one) => whileRunning(one.state.data?.state),
  });
  const done = query.data;

  async function take(chosen: File) {
    setBusy(true);
    setError(null);
    try {
      const form = new FormData();
      form.append("file", chosen);
      const answer = await call<NumbersImported>("POST", "/number-entries/import", { form, streamed: true });
      setShown(answer.id);
      await client.invalidateQueries({ queryKey: ["number-imports"] });
      await client.invalidateQueries({ queryKey: ["number-entries"] });
    } catch (problem) {
      setError(problem);
    } finally {
      setBusy(false);
    }
  }

  return (
    <>
      <div className="detail-head"><h2>{t("importTitle")}</h2></div>
      <div className="detail-body">
        <ProblemAlert error={error} />
        <Card title={t("importTitle")}>
          <p className="muted" style={{ marginBottom: 8 }}>{t("importHint")}</p>
          <input ref={file} type="file" hidden accept=".csv,.xlsx,.xls,text/csv" aria-label={t("chooseFile")} onChange={(event) => { const chosen = event.target.files?.[0]; event.target.value = ""; if (chosen) void take(chosen); }} />
          <Button type="primary" loading={busy} onClick={() => file.current?.click()}>{busy ? t("importing") : t("chooseFile")}</Button>
        </Card>
        {done && (
          <Card title={done.file_name}>
            <ImportProgress state={done.state} rows={done.rows} failure={done.failure} cancelPath={`/number-imports/${done.id}/cancel`} mayCancel={may("numbers.write")} onCancelled={() => void client.invalidateQueries({ queryKey: ["number-imports"] })} />
            <dl className="facts">
              <Fact label={t("rows")}>{done.rows}</Fact><Fact label={t("nowActive")}><strong>{done.active}</strong></Fact><Fact label={t("nowReview")}>{done.review}</Fact>
              <Fact label={t("known")}>{done.known}</Fact><Fact label={t("refused")}><span style={done.refused > 0 ? { color: "var(--red)" } : undefined}>{done.refused}</span></Fact>
            </dl>
            <RefusedRows rows={done.refused_rows} total={done.refused} name={done.file_name} />
          </Card>
        )}
      </div>
    </>
  );
}
