/** The partner directory: addresses, seal keys, contacts round the clock. */
import { App, Button, Checkbox, Drawer, Input, InputNumber, Select } from "antd";
import { useState } from "react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { get, patch, post } from "../../api/client";
import type { Page, Partner } from "../../api/types";
import { useForm } from "../../shell/FormPage";
import { FaultScope, Field, strayFaults, timeFieldOf, TimeInput } from "../../shell/form";
import { instantOf } from "../../shell/format";
import { useLang, useT, useWord } from "../../shell/i18n";
import { nameIn } from "../../shell/partners";
import { ActsHead, Chip, PhoneText, TimeText } from "../../shell/pieces";
import { useSession } from "../../shell/session";
import { SHELL } from "../../shell/texts";
import { serverNow } from "../../shell/time";
import { ProblemAlert } from "../../shell/problem";
import { Empty, QueryView } from "../../shell/views";
import { DUTIES, PARTNER_ROLES, PARTNERS } from "./texts";

const SOON_MS = 30 * 86_400_000;

type Key = Partner["keys"][number];

function keyState(key: Key): "in" | "ending" | "out" {
  const now = serverNow();
  const [from, to] = [Date.parse(key.not_before), key.not_after ? Date.parse(key.not_after) : Number.POSITIVE_INFINITY];
  if (now < from || now >= to) return "out";
  return to - now < SOON_MS ? "ending" : "in";
}

function KeyChip({ partner }: { partner: Partner }) {
  const t = useT(PARTNERS);
  const states = partner.keys.map(keyState);
  if (states.includes("in")) return <Chip tone="green" sign="✓">{t("keyInForce")}</Chip>;
  if (states.includes("ending")) return <Chip tone="amber" sign="!">{t("keyEnding")}</Chip>;
  return <Chip tone="red" sign="✕" title={t("noKey")}>{t("keyOut")}</Chip>;
}

function PartnerForm({ partner, onDone }: { partner: Partner | null; onDone: (partner: Partner) => void }) {
  const t = useT(PARTNERS);
  const s = useT(SHELL);
  const word = useWord();
  const { values: form, set, busy, error, faults, submit } = useForm({
    initial: () => ({
    id: partner?.id ?? "", name: partner?.name ?? "", name_en: partner?.name_en ?? "", role: partner?.role ?? "bank", base_url: partner?.base_url ?? "", answer_minutes: partner?.answer_minutes ?? 30,
    bank_codes: partner?.bank_codes ?? [], enabled: partner?.enabled ?? true,
    keys: (partner?.keys ?? []).map((key) => ({ ...key, from: timeFieldOf(Date.parse(key.not_before)), to: key.not_after ? timeFieldOf(Date.parse(key.not_after)) : "" })),
    contacts: partner?.contacts ?? [],
    }),
    send: async ({ keys, ...rest }) => {
      const body = { ...rest, keys: keys.map(({ from, to, ...key }) => ({ ...key, not_before: instantOf(from) ?? key.not_before, not_after: to ? (instantOf(to) ?? key.not_after) : null })) };
      onDone(partner ? await patch<Partner>(`/partners/${partner.id}`, body) : await post<Partner>("/partners", body));
    },
  });

  return (
    <form onSubmit={(event) => { event.preventDefault(); submit(); }}>
      <FaultScope faults={faults}>
        <ProblemAlert error={error} faults={strayFaults(faults)} />
        <div className="form-grid">
          <Field className="s4" must label={t("id")} path="id" hint={partner ? undefined : t("idHint")}>{({ id, status }) => <Input id={id} status={status} disabled={Boolean(partner)} value={form.id} maxLength={64} onChange={(event) => set({ id: event.target.value })} />}</Field>
          <Field className="s4" must label={t("name")} path="name">{({ id, status }) => <Input id={id} status={status} value={form.name} maxLength={100} onChange={(event) => set({ name: event.target.value })} />}</Field>
          <Field className="s4" label={t("nameEn")} path="name_en">{({ id, status }) => <Input id={id} status={status} value={form.name_en} maxLength={100} onChange={(event) => set({ name_en: event.target.value })} />}</Field>
          <Field className="s4" must label={t("role")} path="role">{({ id, status }) => <Select id={id} status={status} value={form.role} onChange={(role) => set({ role })} options={(["bank", "centre", "operator"] as const).map((value) => ({ value, label: word(PARTNER_ROLES, value) }))} />}</Field>
          <Field className="s8" must label={t("url")} path="base_url" hint={t("urlHint")}>{({ id, status }) => <Input id={id} status={status} value={form.base_url} maxLength={300} onChange={(event) => set({ base_url: event.target.value })} />}</Field>
          <Field className="s4" must label={t("minutes")} path="answer_minutes">{({ id, status }) => <InputNumber id={id} status={status} min={1} max={10080} value={form.answer_minutes} onChange={(value) => set({ answer_minutes: value ?? 30 })} />}</Field>
          <Field className="s8" label={t("codes")} path="bank_codes" hint={t("codesHint")}>{({ id, status }) => <Select id={id} status={status} mode="tags" open={false} value={form.bank_codes} onChange={(value: string[]) => set({ bank_codes: value })} />}</Field>
          <div className="s12" data-field="keys">
            <div className="row"><strong className="grow">{t("keys")}</strong><Button size="small" onClick={() => set({ keys: [...form.keys, { kid: "", public: "", not_before: "", not_after: "", from: timeFieldOf(serverNow()), to: "" }] })}>＋ {t("addKey")}</Button></div>
            {form.keys.map((key, index) => {
              const change = (part: Partial<typeof key>) => set({ keys: form.keys.map((one, at) => (at === index ? { ...one, ...part } : one)) });
              return (
                // oxlint-disable-next-line react/no-array-index-key
                <div className="form-grid" key={index} style={{ marginTop: 6, paddingBottom: 8, borderBottom: "1px dashed var(--line)" }}>
                  <Field className="s3" label={t("kid")} path={`keys[${index}].kid`}>{({ id, status }) => <Input id={id} status={status} value={key.kid} onChange={(event) => change({ kid: event.target.value })} />}</Field>
                  <Field className="s9" label={t("key")} path={`keys[${index}].public`}>{({ id, status }) => <Input id={id} status={status} className="mono" value={key.public} onChange={(event) => change({ public: event.target.value })} />}</Field>
                  <Field className="s5" label={t("from")} path={`keys[${index}].not_before`}>{({ id, status }) => <TimeInput id={id} status={status} value={key.from} onChange={(text) => change({ from: text })} />}</Field>
                  <Field className="s5" label={t("to")} path={`keys[${index}].not_after`}>{({ id, status }) => <TimeInput id={id} status={status} value={key.to} onChange={(text) => change({ to: text })} />}</Field>
                  <div className="s2" style={{ alignSelf: "end" }}><Button block onClick={() => set({ keys: form.keys.filter((_key, at) => at !== index) })}>{t("remove")}</Button></div>
                </div>
              );
            })}
          </div>
          <div className="s12" data-field="contacts">
            <div className="row"><strong>{t("contacts")}</strong><span className="faint grow">{t("contactsHint")}</span><Button size="small" onClick={() => set({ contacts: [...form.contacts, { name: "", phone: "", duty: form.contacts.length === 0 ? "primary" : "deputy" }] })}>＋ {t("addContact")}</Button></div>
            {form.contacts.map((contact, index) => {
              const change = (part: Partial<typeof contact>) => set({ contacts: form.contacts.map((one, at) => (at === index ? { ...one, ...part } : one)) });
              return (
                // oxlint-disable-next-line react/no-array-index-key
                <div className="form-grid" key={index} style={{ marginTop: 6 }}>
                  <Field className="s3" label={t("contactName")} path={`contacts[${index}].name`}>{({ id, status }) => <Input id={id} status={status} value={contact.name} onChange={(event) => change({ name: event.target.value })} />}</Field>
                  <Field className="s3" label={t("contactPhone")} path={`contacts[${index}].phone`}>{({ id, status }) => <Input id={id} status={status} value={contact.phone} onChange={(event) => change({ phone: event.target.value })} />}</Field>
                  <Field className="s4" label={t("duty")} path={`contacts[${index}].duty`}>{({ id, status }) => <Select id={id} status={status} value={contact.duty} onChange={(duty) => change({ duty })} options={Object.keys(DUTIES).map((value) => ({ value, label: word(DUTIES, value) }))} />}</Field>
                  <div className="s2" style={{ alignSelf: "end" }}><Button block onClick={() => set({ contacts: form.contacts.filter((_one, at) => at !== index) })}>{t("remove")}</Button></div>
                </div>
              );
            })}
          </div>
          <div className="s12"><Checkbox checked={form.enabled} onChange={(event) => set({ enabled: event.target.checked })}>{t("enabled")}</Checkbox></div>
        </div>
        <Button style={{ marginTop: 14 }} htmlType="submit" type="primary" loading={busy}>{s("save")}</Button>
      </FaultScope>
    </form>
  );
}

export default function Partners() {
  const t = useT(PARTNERS);
  const word = useWord();
  const lang = useLang();
  const client = useQueryClient();
  const { message } = App.useApp();
  const { may } = useSession();
  const [open, setOpen] = useState<Partner | "new" | null>(null);
  const query = useQuery({ queryKey: ["partners"], queryFn: () => get<Page<Partner>>("/partners") });
  const write = may("partners.write");
  return (
    <div className="page">
      <div className="page-head">
        <h1>{t("title")}</h1><span className="faint">{t("about")}</span><span className="spacer" />
        {write && <Button type="primary" size="small" onClick={() => setOpen("new")}>＋ {t("add")}</Button>}
      </div>
      <QueryView query={query} right="partners.write">
        {({ items }) => (items.length === 0 ? <Empty title={t("empty")} hint={t("emptyHint")} /> : (
          <div className="sheet-wrap">
            <table className="sheet">
              <thead><tr><th>{t("partner")}</th><th>{t("role")}</th><th>{t("url")}</th><th className="num">{t("minutes")}</th><th>{t("keys")}</th><th>{t("contacts")}</th><th>{t("state")}</th><ActsHead /></tr></thead>
              <tbody>
                {items.map((partner) => (
                  <tr key={partner.id}>
                    <td><span className="strong">{nameIn(partner, lang)}</span><br /><span className="mono faint">{partner.id}</span></td>
                    <td className="nowrap">{word(PARTNER_ROLES, partner.role)}</td>
                    <td className="mono">{partner.base_url}</td>
                    <td className="num">{t("within", { n: partner.answer_minutes })}</td>
                    <td><KeyChip partner={partner} />{partner.keys.map((key) => <div key={key.kid} className="faint"><span className="mono" title={key.kid}>{key.kid.length > 14 ? `${key.kid.slice(0, 12)}…` : key.kid}</span> {key.not_after && <>→ <TimeText at={key.not_after} shape="date" /></>}</div>)}</td>
                    <td>{partner.contacts.map((contact) => <div key={`${contact.duty}/${contact.name}`} className="nowrap">{contact.name} <PhoneText value={contact.phone} /> <span className="faint">{word(DUTIES, contact.duty)}</span></div>)}</td>
                    <td>{partner.enabled ? <Chip tone="green" sign="✓">{t("enabled")}</Chip> : <Chip tone="red" sign="✕">{t("disabled")}</Chip>}</td>
                    <td className="right">{write && <Button size="small" aria-label={`${t("edit")} ${partner.name}`} onClick={() => setOpen(partner)}>{t("edit")}</Button>}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        ))}
      </QueryView>
      <Drawer open={open !== null} size={680} title={open === "new" ? t("add") : open?.name} onClose={() => setOpen(null)} destroyOnHidden>
        {open !== null && <PartnerForm partner={open === "new" ? null : open} onDone={(partner) => { void message.success(t("saved", { name: partner.name })); setOpen(null); void client.invalidateQueries({ queryKey: ["partners"] }); }} />}
      </Drawer>
    </div>
  );
}
