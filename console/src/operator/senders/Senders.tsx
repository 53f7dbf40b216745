/** The register of official senders: who may send as whom. */
import { App, Button, Drawer, Input, Popconfirm, Select } from "antd";
import { useState } from "react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { get, post } from "../../api/client";
import type { OfficialSender, Page } from "../../api/types";
import { FormBox, TextField, useForm } from "../../shell/FormPage";
import { Field } from "../../shell/form";
import { useT } from "../../shell/i18n";
import { ActsHead, Chip, TimeText } from "../../shell/pieces";
import { ProblemAlert } from "../../shell/problem";
import { useSession } from "../../shell/session";
import { Empty, QueryView } from "../../shell/views";
import { SENDERS } from "./texts";

function SenderForm({ onDone }: { onDone: () => void }) {
  const t = useT(SENDERS);
  const form = useForm({
    initial: { sender: "", holder: "", accounts: [] as string[], note: "" },
    send: async ({ sender, holder, accounts, note }, key) => {
      await post("/senders", { sender: sender.trim(), holder: holder.trim(), accounts, note: note.trim() }, key);
      onDone();
    },
  });
  return (
    <FormBox form={form} confirm={t("submit")}>
      <TextField form={form} name="sender" must label={t("sender")} hint={t("senderHint")} max={32} />
      <TextField form={form} name="holder" must label={t("holder")} max={200} />
      <Field label={t("accounts")} path="accounts" hint={t("accountsHint")}>{({ id, status }) => <Select id={id} status={status} mode="tags" open={false} suffixIcon={null} value={form.values.accounts} onChange={(accounts) => form.set({ accounts })} />}</Field>
      <TextField form={form} name="note" label={t("note")} max={500} />
    </FormBox>
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
