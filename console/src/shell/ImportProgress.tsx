/** How far an import in the background is, why it stopped, and the button that stops it. */
import { Button, Popconfirm } from "antd";
import { useState } from "react";
import { call } from "../api/client";
import type { Fault } from "../api/types";
import { texts, useLang, useT } from "./i18n";
import { Chip } from "./pieces";
import { faultWords, ProblemAlert } from "./problem";

const PROGRESS = texts({
  running: { zh: "导入中，已处理 {n} 行；可离开本页", en: "Importing, {n} rows so far; you may leave this page" },
  done: { zh: "已完成", en: "Done" },
  cancelled: { zh: "已取消，此前的行仍然有效", en: "Cancelled; the rows until then stay" },
  failed: { zh: "未能读完文件，此前的行仍然有效", en: "The file could not be read to its end; the rows until then stay" },
  cancel: { zh: "取消导入", en: "Cancel the import" },
  sure: { zh: "取消后不再处理其余的行，已载入的行仍然有效。", en: "The remaining rows are not loaded; those loaded stay." },
});

export type ImportState = "running" | "done" | "cancelled" | "failed";

/** Asks again every second while an import runs. */
export function whileRunning(state: ImportState | undefined): number | false {
  return state === "running" ? 1_000 : false;
}

export function ImportProgress({ state, rows, failure, cancelPath, mayCancel, onCancelled }: { state: ImportState; rows: number; failure: Fault[]; cancelPath: string; mayCancel: boolean; onCancelled: () => void }) {
  const t = useT(PROGRESS);
  const lang = useLang();
  const [error, setError] = useState<unknown>(null);
  async function cancel() {
    setError(null);
    try {
      await call("POST", cancelPath as never, {});
    } catch (problem) {
      setError(problem);
    }
    onCancelled();
  }
  return (
    <div role="status">
      <ProblemAlert error={error} />
      <div className="row">
        {state === "running" && <Chip tone="accent" sign="…">{t("running", { n: rows })}</Chip>}
        {state === "done" && <Chip tone="green" sign="✓">{t("done")}</Chip>}
        {state === "cancelled" && <Chip sign="■">{t("cancelled")}</Chip>}
        {state === "failed" && <Chip tone="red" sign="✕">{t("failed")}</Chip>}
        {state === "running" && mayCancel && (
          <Popconfirm title={t("sure")} onConfirm={() => void cancel()}><Button size="small">{t("cancel")}</Button></Popconfirm>
        )}
      </div>
      {failure.map((fault) => <p key={fault.code} style={{ color: "var(--red)" }}>✕ {faultWords(fault, lang).what} <span className="muted">{faultWords(fault, lang).remedy}</span></p>)}
    </div>
  );
}
