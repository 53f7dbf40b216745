/** What is in memory, how old the centre's list is, and the own list as a file. */
import { App, Button, Input, Modal } from "antd";
import { useState } from "react";
import { useQuery } from "@tanstack/react-query";
import { download, get } from "../../api/client";
import type { ListStatus } from "../../api/types";
import { formatAge, formatCount } from "../../shell/format";
import { useLang, useT, useWord } from "../../shell/i18n";
import { usePartners } from "../../shell/partners";
import { Card, CardLevel, Chip, Fact, TimeText } from "../../shell/pieces";
import { ProblemAlert } from "../../shell/problem";
import { useSession } from "../../shell/session";
import { QueryView } from "../../shell/views";
import { LIST_ACTIONS } from "../../words/screening";
import { formatBytes } from "../live/model";
import { LIST } from "./texts";

const ACTIONS = ["block", "watch", "allow", "protect"] as const;

function Export({ onClose }: { onClose: () => void }) {
  const t = useT(LIST);
  const { message } = App.useApp();
  const [purpose, setPurpose] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  async function go() {
    setBusy(true);
    setError(null);
    try {
      await download("/list-export", { purpose: purpose.trim() }, "list.csv");
      void message.success(t("export"));
      onClose();
    } catch (problem) {
      setError(problem);
    } finally {
      setBusy(false);
    }
  }
  return (
    <Modal open title={t("export")} onCancel={onClose} width={400} okText={t("exportDo")} okButtonProps={{ disabled: purpose.trim().length < 2, loading: busy }} onOk={() => void go()}>
      <ProblemAlert error={error} />
      <p className="muted" style={{ marginBottom: 8 }}>{t("exportHint")}</p>
      <Input autoFocus aria-label={t("exportPurpose")} placeholder={t("exportPurpose")} maxLength={200} value={purpose} onChange={(event) => setPurpose(event.target.value)} onPressEnter={() => purpose.trim().length >= 2 && void go()} />
    </Modal>
  );
}

export function Status() {
  const t = useT(LIST);
  const lang = useLang();
  const word = useWord();
  const { may } = useSession();
  const { nameOf } = usePartners();
  const [exporting, setExporting] = useState(false);
  const query = useQuery({ queryKey: ["list-entries", "status"], queryFn: () => get<ListStatus>("/list-status"), refetchInterval: 30_000 });
  return (
    <CardLevel value={2}><div className="detail-body" tabIndex={-1}>
      <QueryView query={query} right="operator.lists.read">
        {(status) => (
          <>
            <Card title={t("centre")}>
              {!status.centre ? <span className="faint">{t("centreNone")}</span> : (
                <>
                  {status.centre.stale && status.centre.number > 0 && <div className="note amber">⚠ {t("stale")}</div>}
                  {status.centre.number === 0 ? <span className="faint">{t("centreNothing")}</span> : (
                    <dl className="facts">
                      <Fact label={t("from")}>{nameOf(status.centre.centre)}</Fact>
                      <Fact label={t("change")}>{status.centre.number}</Fact>
                      <Fact label={t("age")}>{status.centre.age_seconds === null || status.centre.age_seconds === undefined ? "—" : <strong>{formatAge(status.centre.age_seconds * 1000, lang)}</strong>} {!status.centre.stale && <Chip tone="green" sign="✓">{t("fresh")}</Chip>}</Fact>
                      <Fact label={t("madeAt")}><TimeText at={status.centre.made_at} shape="full" /></Fact>
                      <Fact label={t("heardAt")}><TimeText at={status.centre.heard_at} shape="full" /></Fact>
                      {status.centre.file_sha256 && <Fact wide label={t("fileHash")}><span className="mono">{status.centre.file_sha256}</span></Fact>}
                    </dl>
                  )}
                </>
              )}
            </Card>
            <Card flush title={<>{t("inMemory")} <span className="muted" style={{ fontWeight: 400 }}>{t("inMemoryNote", { prefixes: formatCount(status.prefixes), ranges: formatCount(status.ranges), bytes: formatBytes(status.bytes) })}</span></>}>
              <table className="sheet">
                <thead><tr><th><span className="visually-hidden">{t("source")}</span></th>{ACTIONS.map((action) => <th key={action} className="num">{word(LIST_ACTIONS, action)}</th>)}</tr></thead>
                <tbody>
                  {([[t("all"), status.in_memory], [t("own"), status.own]] as const).map(([label, counts]) => <tr key={label}><td>{label}</td>{ACTIONS.map((action) => <td key={action} className="num">{formatCount(counts[action])}</td>)}</tr>)}
                </tbody>
              </table>
            </Card>
            {status.file && <Card title={t("file")}><span className="mono">{status.file}</span></Card>}
            {may("reveal") && <Button onClick={() => setExporting(true)}>{t("export")}</Button>}
            {exporting && <Export onClose={() => setExporting(false)} />}
          </>
        )}
      </QueryView>
    </div></CardLevel>
  );
}
