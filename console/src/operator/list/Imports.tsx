/** Files loaded into the own list; the refused rows of each are shown with their faults. */
import { Button } from "antd";
import { useRef, useState } from "react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "react-router";
import { call, get } from "../../api/client";
import type { ListImport, Page } from "../../api/types";
import { Actor } from "../../shell/Actor";
import { useT } from "../../shell/i18n";
import { Card, Fact, TimeText } from "../../shell/pieces";
import { ProblemAlert } from "../../shell/problem";
import { ImportProgress, whileRunning } from "../../shell/ImportProgress";
import { RefusedRows } from "../../shell/RefusedRows";
import { useSession } from "../../shell/session";
import { QueryView } from "../../shell/views";
import { LIST } from "./texts";

function One({ id }: { id: string }) {
  const t = useT(LIST);
  const query = useQuery({ queryKey: ["list-imports", id], queryFn: () => get<ListImport>(`/list-imports/${id}`), refetchInterval: (one) => whileRunning(one.state.data?.state) });
  const client = useQueryClient();
  const { may } = useSession();
  return (
    <QueryView query={query} lines={3}>
      {(done) => (
        <Card title={<>{done.file_name} <span className="muted" style={{ fontWeight: 400 }}><TimeText at={done.at} /> · <Actor who={done.by} /></span></>}>
          <ImportProgress state={done.state} rows={done.rows} failure={done.failure} cancelPath={`/list-imports/${id}/cancel`} mayCancel={may("operator.lists.write")} onCancelled={() => void client.invalidateQueries({ queryKey: ["list-imports"] })} />
          <dl className="facts">
            <Fact label={t("rows")}>{done.rows}</Fact><Fact label={t("loaded")}><strong>{done.loaded}</strong></Fact><Fact label={t("known")}>{done.known}</Fact>
            <Fact label={t("refused")}><span style={done.refused > 0 ? { color: "var(--red)" } : undefined}>{done.refused}</span></Fact>
          </dl>
          <RefusedRows rows={done.refused_rows.map((row) => ({ row: row.line, faults: row.faults }))} total={done.refused} name={done.file_name} />
        </Card>
      )}
    </QueryView>
  );
}

export function Imports({ id }: { id: string | undefined }) {
  const t = useT(LIST);
  const go = useNavigate();
  const client = useQueryClient();
  const { may } = useSession();
  const file = useRef<HTMLInputElement>(null);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const query = useQuery({ queryKey: ["list-imports"], queryFn: async () => (await get<Page<ListImport>>("/list-imports", { limit: 50 })).items, refetchInterval: (list) => whileRunning(list.state.data?.find((one) => one.state === "running")?.state) });

  async function take(chosen: File) {
    setBusy(true);
    setError(null);
    try {
      const form = new FormData();
      form.append("file", chosen);
      const done = await call<ListImport>("POST", "/list-imports", { form, streamed: true });
      await client.invalidateQueries({ queryKey: ["list-imports"] });
      await client.invalidateQueries({ queryKey: ["list-entries"] });
      void go(`/list/imports/${done.id}`, { replace: true });
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
        {may("operator.lists.write") && (
          <Card title={t("importTitle")}>
            <p className="muted" style={{ marginBottom: 8 }}>{t("importHint")}</p>
            <input ref={file} type="file" hidden accept=".csv,.xlsx,.xls,text/csv" aria-label={t("chooseFile")} onChange={(event) => { const chosen = event.target.files?.[0]; event.target.value = ""; if (chosen) void take(chosen); }} />
            <Button type="primary" loading={busy} onClick={() => file.current?.click()}>{busy ? t("importing") : t("chooseFile")}</Button>
          </Card>
        )}
        {id && <One key={id} id={id} />}
        <Card flush title={t("imports")}>
          <QueryView query={query} lines={3}>
            {(imports) => imports.length === 0 ? <p className="faint" style={{ padding: "8px 12px" }}>{t("importsNone")}</p> : (
              <table className="sheet">
                <thead><tr><th>{t("fileName")}</th><th>{t("at")}</th><th>{t("by")}</th><th className="num">{t("rows")}</th><th className="num">{t("loaded")}</th><th className="num">{t("known")}</th><th className="num">{t("refused")}</th></tr></thead>
                <tbody>{imports.map((one) => (
                  <tr key={one.id} className={one.id === id ? "here" : ""}><td><Link to={`/list/imports/${one.id}`}>{one.file_name}</Link></td><td><TimeText at={one.at} /></td><td>{one.by}</td><td className="num">{one.rows}</td><td className="num">{one.loaded}</td><td className="num">{one.known}</td><td className="num">{one.refused > 0 ? <span style={{ color: "var(--red)" }}>{one.refused}</span> : 0}</td></tr>
                ))}</tbody>
              </table>
            )}
          </QueryView>
        </Card>
      </div>
    </>
  );
}
