/** Import of reports from another system's file, with the columns kept by source and the refused rows listed. */
import { App, Button, Input, InputNumber } from "antd";
import { useEffect, useRef, useState } from "react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "react-router";
import { call, get, Problem, put } from "../../api/client";
import type { ImportMapping, ImportReport, Page } from "../../api/types";
import { FaultScope, Field, strayFaults } from "../../shell/form";
import { useLang, useT, useWord } from "../../shell/i18n";
import { ActsHead, Card, CardLevel, Chip, downloadCsv, Fact, TimeText } from "../../shell/pieces";
import { faultWords, ProblemAlert } from "../../shell/problem";
import { FIELDS, IMPORT } from "./importTexts";

function Result({ report: sent }: { report: ImportReport }) {
  const t = useT(IMPORT);
  const lang = useLang();
  const query = useQuery({
    queryKey: ["imports", sent.id],
    queryFn: () => get<ImportReport>(`/report-imports/${sent.id}`),
    refetchInterval: (one) => (one.state.data?.state === "running" ? 1_000 : false),
  });
  const report = query.data ?? sent;
  const remarks = report.remarks.map((row) => ({ row: row.row, faults: row.faults }));
  const rows = report.refused.flatMap((row) => row.faults.map((fault) => ({ row: row.row, column: fault.column, ...faultWords(fault, lang) })));
  return (
    <Card title={`${t("result")} · ${report.file_name}`} extra={rows.length > 0 && <Button size="small" onClick={() => downloadCsv(`${report.source}-refused.csv`, [t("rowN"), t("columnName"), t("why")], rows.map((row) => [row.row, row.column, `${row.what} ${row.remedy}`.trim()]))}>{t("exportRefused")}</Button>}>
      <dl className="facts" style={{ gridTemplateColumns: "repeat(6, minmax(0, 1fr))", marginBottom: 8 }}>
        <Fact label={t("rows")}><strong>{report.rows_total}</strong></Fact>
        <Fact label={t("taken")}><strong style={{ color: "var(--green)" }}>{report.reports_new}</strong></Fact>
        <Fact label={t("joined")}><strong>{report.reports_joined}</strong></Fact>
        <Fact label={t("known")}><strong>{report.reports_known}</strong></Fact>
        <Fact label={t("passedOver")}><strong>{report.rows_passed_over}</strong></Fact>
        <Fact label={t("refused")}><strong style={report.rows_refused > 0 ? { color: "var(--red)" } : undefined}>{report.rows_refused}</strong></Fact>
      </dl>
      {report.state === "running" ? <p className="muted">{t("running")}</p> : rows.length === 0 ? <p className="muted">✓ {t("allTaken")}</p> : (
        <div className="sheet-wrap" style={{ maxHeight: 320 }} tabIndex={0}>
          <table className="sheet">
            <thead><tr><th className="num">{t("rowN")}</th><th>{t("columnName")}</th><th>{t("why")}</th></tr></thead>
            <tbody>{rows.map((row, index) => (
              // oxlint-disable-next-line react/no-array-index-key
              <tr key={index}><td className="num">{row.row}</td><td>{row.column || "—"}</td><td><span style={{ color: "var(--red)" }}>✕ {row.what}</span> <span className="muted">{row.remedy}</span></td></tr>
            ))}</tbody>
          </table>
        </div>
      )}
      {remarks.length > 0 && (
        <>
          <p style={{ margin: "10px 0 4px" }}><strong>{t("remarks")}</strong></p>
          <div className="sheet-wrap" style={{ maxHeight: 240 }} tabIndex={0}>
            <table className="sheet">
              <thead><tr><th className="num">{t("rowN")}</th><th>{t("columnName")}</th><th>{t("why")}</th></tr></thead>
              <tbody>{remarks.flatMap((one) => one.faults.map((fault) => (
                <tr key={`${one.row}/${fault.field}/${fault.code}`}><td className="num">{one.row}</td><td>{fault.column || "—"}</td><td>{faultWords(fault, lang).what} <span className="muted">{faultWords(fault, lang).remedy}</span></td></tr>
              )))}</tbody>
            </table>
          </div>
        </>
      )}
    </Card>
  );
}

function MappingForm({ source, kept, onSaved }: { source: string; kept: ImportMapping | null; onSaved: () => void }) {
  const t = useT(IMPORT);
  const word = useWord();
  const { message } = App.useApp();
  const [columns, setColumns] = useState<Record<string, string>>({});
  const [defaults, setDefaults] = useState<Record<string, string>>({});
  const [header, setHeader] = useState<number | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  useEffect(() => {
    setColumns(Object.fromEntries((kept?.columns ?? []).map((one) => [one.field, one.column])));
    setDefaults(Object.fromEntries((kept?.defaults ?? []).map((one) => [one.field, one.value])));
    setHeader(kept?.header_row ?? null);
  }, [kept]);
  async function save() {
    setBusy(true);
    setError(null);
    const filled = (table: Record<string, string>) => Object.entries(table).filter(([, value]) => value.trim() !== "");
    try {
      await put(`/report-import-mappings/${encodeURIComponent(source)}`, {
        ...(header === null ? {} : { header_row: header }),
        columns: filled(columns).map(([field, column]) => ({ field, column: column.trim() })),
        defaults: filled(defaults).map(([field, value]) => ({ field, value: value.trim() })),
      });
      void message.success(t("mappingSaved"));
      onSaved();
    } catch (problem) {
      setError(problem);
    } finally {
      setBusy(false);
    }
  }
  return (
    <>
      <ProblemAlert error={error} />
      <div className="row" style={{ marginBottom: 8 }}>{t("headerRow")} <InputNumber size="small" aria-label={t("headerRow")} min={1} max={100} value={header} onChange={(value) => setHeader(value)} /></div>
      <div className="sheet-wrap" style={{ maxHeight: 340 }}>
        <table className="sheet">
          <thead><tr><th>{t("field")}</th><th>{t("column")}</th><th>{t("fallback")}</th></tr></thead>
          <tbody>{Object.keys(FIELDS).map((field) => (
            <tr key={field}>
              <td>{word(FIELDS, field)}</td>
              <td><Input size="small" aria-label={`${word(FIELDS, field)} ${t("column")}`} value={columns[field] ?? ""} onChange={(event) => setColumns({ ...columns, [field]: event.target.value })} /></td>
              <td><Input size="small" aria-label={`${word(FIELDS, field)} ${t("fallback")}`} value={defaults[field] ?? ""} onChange={(event) => setDefaults({ ...defaults, [field]: event.target.value })} /></td>
            </tr>
          ))}</tbody>
        </table>
      </div>
      <Button style={{ marginTop: 8 }} loading={busy} disabled={!source.trim()} onClick={() => void save()}>{t("saveMapping")}</Button>
    </>
  );
}

export default function ImportDesk() {
  const t = useT(IMPORT);
  const client = useQueryClient();
  const picker = useRef<HTMLInputElement>(null);
  const [source, setSource] = useState("");
  const [asked, setAsked] = useState("");
  const [file, setFile] = useState<File | null>(null);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const [shown, setShown] = useState<ImportReport | null>(null);
  useEffect(() => {
    const timer = setTimeout(() => setAsked(source.trim()), 500);
    return () => clearTimeout(timer);
  }, [source]);
  const mapping = useQuery({
    queryKey: ["imports", "mapping", asked],
    enabled: asked !== "",
    queryFn: async () => {
      try {
        return (await get<{ mapping: ImportMapping }>(`/report-import-mappings/${encodeURIComponent(asked)}`)).mapping;
      } catch (problem) {
        if (problem instanceof Problem && problem.status === 404) return null;
        throw problem;
      }
    },
  });
  const recent = useQuery({ queryKey: ["imports"], queryFn: async () => (await get<Page<ImportReport>>("/report-imports")).items });
  const faults = error instanceof Problem ? error.faults : [];

  async function upload() {
    if (!file) return;
    setBusy(true);
    setError(null);
    const form = new FormData();
    form.append("source", source.trim());
    form.append("file", file);
    try {
      setShown(await call<ImportReport>("POST", "/report-imports", { form, streamed: true }));
      void client.invalidateQueries({ queryKey: ["imports"] });
      void client.invalidateQueries({ queryKey: ["reports"] });
    } catch (problem) {
      setError(problem);
    } finally {
      setBusy(false);
    }
  }

  return (
    <CardLevel value={2}><div className="page">
      <div className="page-head"><h1>{t("title")}</h1><span className="faint">{t("about")}</span><span className="spacer" /><Link to="/intake">← {t("back")}</Link></div>
      <FaultScope faults={faults}>
        <ProblemAlert error={error} faults={strayFaults(faults)} />
        <div className="cols">
          <div>
            <Card title={t("file")}>
              <div className="form-grid">
                <Field className="s12" must label={t("source")} path="source" hint={t("sourceHint")}>{({ id, status }) => <Input id={id} status={status} value={source} maxLength={64} onChange={(event) => setSource(event.target.value)} />}</Field>
                <Field className="s12" must label={t("file")} path="file">{({ id }) => (
                  <div className="row">
                    <input ref={picker} type="file" hidden accept=".csv,.xlsx,.xls,text/csv" aria-label={t("pickFile")} onChange={(event) => setFile(event.target.files?.[0] ?? null)} />
                    <Button id={id} onClick={() => picker.current?.click()}>{t("pickFile")}</Button>
                    <span className="ellipsis">{file?.name ?? <span className="faint">{t("noFile")}</span>}</span>
                  </div>
                )}</Field>
              </div>
              <Button style={{ marginTop: 10 }} type="primary" loading={busy} disabled={!file || !source.trim()} onClick={() => void upload()}>{t("upload")}</Button>
            </Card>
            {shown && <Result key={shown.id} report={shown} />}
            <Card title={t("recent")} flush={(recent.data?.length ?? 0) > 0}>
              {recent.data?.length ? (
                <table className="sheet">
                  <thead><tr><th>{t("when")}</th><th>{t("source")}</th><th>{t("file")}</th><th className="num">{t("taken")}</th><th className="num">{t("refused")}</th><ActsHead /></tr></thead>
                  <tbody>{recent.data.map((one) => (
                    <tr key={one.id} data-go onClick={() => setShown(one)}>
                      <td><TimeText at={one.started_at} shape="short" /></td><td>{one.source}</td><td><button type="button" className="reveal" onClick={() => setShown(one)}>{one.file_name}</button></td>
                      <td className="num">{one.reports_new}</td><td className="num">{one.rows_refused}</td><td>{one.state === "running" ? <Chip tone="accent" sign="…">{t("stateRunning")}</Chip> : <Chip tone="green" sign="✓">{t("stateDone")}</Chip>}</td>
                    </tr>
                  ))}</tbody>
                </table>
              ) : <span className="faint">{t("recentNone")}</span>}
            </Card>
          </div>
          <Card title={t("mapping")}>
            <p className="faint" style={{ marginBottom: 8 }}>{asked && mapping.data === null ? t("mappingNone") : t("mappingHint")}</p>
            <MappingForm source={asked} kept={mapping.data ?? null} onSaved={() => void client.invalidateQueries({ queryKey: ["imports"] })} />
          </Card>
        </div>
      </FaultScope>
    </div></CardLevel>
  );
}
