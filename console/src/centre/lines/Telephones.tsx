/** The telephone numbers that a report names: what the list and the orders say of each, and what may be done with them. */
import { App, Button, Checkbox, Select } from "antd";
import { useState } from "react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "react-router";
import { get, post } from "../../api/client";
import type { Page, ReportTelephone, TelephoneActed } from "../../api/types";
import { ReasonForm } from "../../shell/ActBar";
import { Field } from "../../shell/form";
import { texts, useT, useWord } from "../../shell/i18n";
import { Card, Chip, PhoneText } from "../../shell/pieces";
import { Reveal } from "../../shell/Reveal";
import { useSession } from "../../shell/session";
import { SubjectLink } from "../../shell/SubjectLink";
import { QueryView } from "../../shell/views";
import { LINE_KINDS, LINE_STATES } from "../../words/line";
import { LIST_ACTIONS, LIST_LOOKS } from "../../words/screening";
import { ENTRY_STATES } from "../numbers/texts";

const TELEPHONES = texts({
  title: { zh: "涉案电话", en: "Telephones of the scammer" },
  none: { zh: "此警情没有可用的电话。", en: "The report names no telephone number that can be used." },
  act: { zh: "处置", en: "Act" },
  what: { zh: "处置方式", en: "What" },
  query_contacts: { zh: "查询联系人", en: "Ask who was in touch" },
  warn_contacts: { zh: "预警联系人", en: "Warn who was in touch" },
  block: { zh: "列入名单：拦截", en: "Put on the list: block" },
  watch: { zh: "列入名单：关注", en: "Put on the list: watch" },
  hint: { zh: "对所选号码一并办理", en: "For every number chosen" },
  confirm: { zh: "办理", en: "Do it" },
  reasonCase: { zh: "警情提供的诈骗电话", en: "Telephone of the scammer, named by the victim" },
  doneOrders: { zh: "已生成 {n} 件指令", en: "Orders made: {n}" },
  doneEntries: { zh: "{n} 个号码已列入名单", en: "Numbers on the list: {n}" },
  unlisted: { zh: "未列入", en: "Not on the list" },
});
const ORDER_ACTS = ["query_contacts", "warn_contacts"] as const;
const LIST_ACTS = ["block", "watch"] as const;

export function Telephones({ reportId, shown }: { reportId: string; shown: boolean }) {
  const t = useT(TELEPHONES);
  const word = useWord();
  const client = useQueryClient();
  const { may } = useSession();
  const { message } = App.useApp();
  const [open, setOpen] = useState(false);
  const [chosen, setChosen] = useState<number[] | null>(null);
  const [act, setAct] = useState<string>(may("numbers.write") ? "block" : "query_contacts");
  const query = useQuery({ queryKey: ["line-orders", "telephones", reportId], queryFn: async () => (await get<Page<ReportTelephone>>(`/reports/${reportId}/telephones`)).items, enabled: shown && may("lines.read") });
  if (!shown || !may("lines.read")) return null;
  const choices = [...(may("numbers.write") ? LIST_ACTS : []), ...(may("lines.make") ? ORDER_ACTS : [])];
  const all = query.data ?? [];
  const picked = chosen ?? all.map((one) => one.position);
  const toggle = (position: number) => setChosen(picked.includes(position) ? picked.filter((one) => one !== position) : [...picked, position]);
  return (
    <Card flush title={t("title")} extra={choices.length > 0 && all.length > 0 && <Button size="small" aria-expanded={open} onClick={() => setOpen(!open)}>{t("act")}</Button>}>
      <QueryView query={query} lines={2}>
        {(numbers) => numbers.length === 0 ? <p className="faint" style={{ padding: "8px 12px" }}>{t("none")}</p> : (
          <ul style={{ padding: "6px 12px" }}>{numbers.map((one) => (
            <li key={one.position} className="row-wrap" style={{ padding: "2px 0" }}>
              {open && <Checkbox checked={picked.includes(one.position)} aria-label={one.number} onChange={() => toggle(one.position)} />}
              <strong><Reveal subject={`report:${reportId}`} field={`contacts[${one.position}].value`} shape="phone"><PhoneText value={one.number} /></Reveal></strong>
              {one.entries.length === 0 ? <Chip line>{t("unlisted")}</Chip> : one.entries.slice(0, 2).map((entry) => <Link key={entry.id} to={`/numbers/${entry.id}`}><Chip tone={entry.state === "active" ? LIST_LOOKS[entry.action]?.tone : ""} sign={LIST_LOOKS[entry.action]?.sign}>{word(LIST_ACTIONS, entry.action)} · {word(ENTRY_STATES, entry.state)}</Chip></Link>)}
              {one.orders.slice(0, 3).map((order) => <span key={order.id} className="nowrap"><SubjectLink kind="line" id={order.id}>{order.number}</SubjectLink> <span className="muted">{word(LINE_KINDS, order.kind)} · {word(LINE_STATES, order.state)}</span></span>)}
            </li>
          ))}</ul>
        )}
      </QueryView>
      {open && (
        <div className="act-panel" style={{ borderTop: "1px solid var(--line)", borderBottom: 0, maxHeight: "none" }}>
          <ReasonForm
            title={t("act")} hint={t("hint")} confirm={t("confirm")} suggestions={[t("reasonCase")]} leave={() => setOpen(false)}
            submit={async (reason, key) => {
              const acted = await post<TelephoneActed>(`/reports/${reportId}/telephones`, { act, positions: picked, reason }, key);
              void message.success(acted.requests.length > 0 ? t("doneOrders", { n: acted.requests.length }) : t("doneEntries", { n: acted.entries.length }));
            }}
            onDone={() => {
              void client.invalidateQueries({ queryKey: ["line-orders"] });
              void client.invalidateQueries({ queryKey: ["number-entries"] });
            }}
          >
            <Field className="s8" label={t("what")} path="act">{({ id, status }) => <Select id={id} status={status} value={act} onChange={setAct} options={choices.map((value) => ({ value, label: t(value) }))} />}</Field>
          </ReasonForm>
        </div>
      )}
    </Card>
  );
}
