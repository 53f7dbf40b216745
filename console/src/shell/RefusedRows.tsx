/** Rows of a file that were not taken, each with all its faults; and the same as a file to be put right. */
import { Button } from "antd";
import type { Fault } from "../api/types";
import { texts, useLang, useT } from "./i18n";
import { downloadCsv } from "./pieces";
import { faultWords } from "./problem";

const REFUSED = texts({
  title: { zh: "未收入的行", en: "Rows not taken" },
  row: { zh: "行", en: "Row" },
  fault: { zh: "问题", en: "What is wrong" },
  remedy: { zh: "如何处理", en: "What to do" },
  export: { zh: "导出清单", en: "Export" },
  first: { zh: "显示前 {n} 行，共 {all} 行", en: "The first {n} of {all} rows" },
});

export function RefusedRows({ rows, total, name }: { rows: { row: number; faults: Fault[] }[]; total: number; name: string }) {
  const t = useT(REFUSED);
  const lang = useLang();
  if (rows.length === 0) return null;
  return (
    <>
      <div className="row" style={{ margin: "10px 0 6px" }}>
        <strong>{t("title")}</strong><span className="faint grow">{total > rows.length && t("first", { n: rows.length, all: total })}</span>
        <Button size="small" onClick={() => downloadCsv(`${name}-refused.csv`, [t("row"), t("fault"), t("remedy")], rows.flatMap((one) => one.faults.map((fault) => [one.row, faultWords(fault, lang).what, faultWords(fault, lang).remedy])))}>{t("export")}</Button>
      </div>
      <div className="sheet-wrap" style={{ maxHeight: 420 }} tabIndex={0}>
        <table className="sheet">
          <thead><tr><th className="num">{t("row")}</th><th>{t("fault")}</th><th>{t("remedy")}</th></tr></thead>
          <tbody>{rows.map((one) => (
            <tr key={one.row}>
              <td className="num">{one.row}</td>
              <td>{one.faults.map((fault) => <div key={`${fault.field}/${fault.code}`}>✕ {faultWords(fault, lang).what}</div>)}</td>
              <td className="muted">{one.faults.map((fault) => <div key={`${fault.field}/${fault.code}`}>{faultWords(fault, lang).remedy}</div>)}</td>
            </tr>
          ))}</tbody>
        </table>
      </div>
    </>
  );
}
