/** The register of official senders: who may send as whom. */
import { App, Button, Drawer, Input, Popconfirm, Select } from "antd";
import { useState } from "react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { get, newIdempotencyKey, post, Problem } from "../../api/client";
import type { OfficialSender, Page } from "../../api/types";
import { FaultScope, Field, focusFault, strayFaults } from "../../shell/form";
import { useT } from "../../shell/i18n";
import { ActsHead, Chip, TimeText } from "../../shell/pieces";
import { ProblemAlert } from "../../shell/problem";
import { useSession } from "../../shell/session";
import { Empty, QueryView } from "../../shell/views";
import { SENDERS } from "./texts";

function SenderForm({ onDone }: { onDone: () => void }) {
  const t = useT(SENDERS);
  const [form, setForm] = useState({ sender: "", holder: "", accounts: [] as string[], note: "" });
  const [key, setKey] = useState(newIdempotencyKey);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const faults = error instanceof Problem ? error.faults : [];
  const set = (part: Partial<typeof form>) => setForm((old) => ({ ...old, ...part }));
  async function save() {
    setBusy(true);
    setError(null);
    try {
      await post("/senders", { ...form, sender: form.sender.trim(), holder: form.holder.trim(), note: form.note.trim() }, key);
      onDone();
    } catch (problem) {
      setKey(newIdempotencyKey());
      setError(problem);
      if (problem instanceof Problem) setTimeout(() => focusFault(problem.faults), 30);
    } finally {
      setBusy(false);
    }
  }
  return (
    <form onSubmit={(event) => { event.preventDefault(); void save(); }}>
      <FaultScope faults={faults}>
        <ProblemAlert error={error} faults={strayFaults(faults)} />
        <div className="form-grid">
          <Field must label={t("sender")} path="sender" hint={t("senderHint")}>{({ id, status }) => <Input id={id} status={status} value={form.sender} maxLength={32} onChange={(event) => set({ sender: event.target.value })} />}</Field>
          <Field must label={t("holder")} path="holder">{({ id, status }) => <Input id={id} status={status} value={form.holder} maxLength={200} onChange={(event) => set({ holder: event.target.value })} />}</Field>
          <Field label={t("accounts")} path="accounts" hint={t("accountsHint")}>{({ id, status }) => <Select id={id} status={status} mode="tags" open={false} suffixIcon={null} value={form.accounts} onChange={(accounts) => set({ accounts })} />}</Field>
          <Field label={t("note")} path="note">{({ id, status }) => <Input id={id} status={status} value={form.note} maxLength={500} onChange={(event) => set({ note: event.target.value })} />}</Field>
        </div>
        <Button style={{ marginTop: 14 }} htmlType="submit" type="primary" loading={busy}>{t("submit")}</Button>
      </FaultScope>
    </form>
  );
}

export default function Senders() {
  const t = useT(SENDERS);
  const client = useQueryClient();
  const { message } = App.useApp();
  const { may } = useSession();
  const [adding, setAdding] = useState(false);
  const [find, setFind] = useState("");
  const query = useQuery({ queryKey: ["senders"], queryFn: async () => (await get<Page<OfficialSender>>("/senders")).items });
  const renew = () => {
    void message.success(t("done"));
    void client.invalidateQueries({ queryKey: ["senders"] });
  };
  const remove = useMutation({ mutationFn: (sender: string) => post("/senders/remove", { sender }), onSuccess: renew });
  const wanted = find.trim().toLowerCase();
  return (
    <div className="page">
      <div className="page-head">
        <h1>{t("title")}</h1><span className="faint">{t("about")}</span><span className="spacer" />
        <Input size="small" style={{ width: 200 }} allowClear aria-label={t("find")} placeholder={t("find")} value={find} onChange={(event) => setFind(event.target.value)} />
        {may("operator.senders.write") && <Button type="primary" size="small" onClick={() => setAdding(true)}>＋ {t("add")}</Button>}
      </div>
      <ProblemAlert error={remove.error} />
      <QueryView query={query} right="operator.lists.read">
        {(all) => {
          const shown = all.filter((one) => `${one.sender} ${one.holder} ${one.note}`.toLowerCase().includes(wanted));
          return shown.length === 0 ? <Empty icon="senders" title={t("empty")} hint={t("emptyHint")} /> : (
            <div className="sheet-wrap">
              <table className="sheet">
                <thead><tr><th>{t("sender")}</th><th>{t("holder")}</th><th>{t("accounts")}</th><th>{t("note")}</th><th>{t("since")}</th><th>{t("by")}</th><ActsHead /></tr></thead>
                <tbody>{shown.map((one) => (
                  <tr key={one.sender}>
                    <td className="strong mono">{one.sender}</td><td>{one.holder}</td><td><span className="row-wrap">{one.accounts.map((account) => <Chip key={account}>{account}</Chip>)}</span></td><td className="muted">{one.note}</td><td><TimeText at={one.created_at} /></td><td>{one.created_by}</td>
                    <td className="right">{may("operator.senders.write") && <Popconfirm title={t("removeAsk")} onConfirm={() => remove.mutate(one.sender)}><Button size="small" danger>{t("remove")}</Button></Popconfirm>}</td>
                  </tr>
                ))}</tbody>
              </table>
            </div>
          );
        }}
      </QueryView>
      <Drawer open={adding} size={420} title={t("add")} onClose={() => setAdding(false)} destroyOnHidden>
        {adding && <SenderForm onDone={() => { setAdding(false); renew(); }} />}
      </Drawer>
    </div>
  );
}
