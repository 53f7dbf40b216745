/** Standing rules: proposed by one person, approved by another, ended by either; never longer than a year. */
import { App, Button, Checkbox, Drawer, Input, InputNumber, Popconfirm, Select } from "antd";
import { useState } from "react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { get, newIdempotencyKey, post, Problem } from "../../api/client";
import type { Page, StandingRule } from "../../api/types";
import { FaultScope, Field, focusFault, strayFaults, timeFieldOf, TimeInput } from "../../shell/form";
import { formatMoney, instantOf, parseMoney } from "../../shell/format";
import { useT, useWord } from "../../shell/i18n";
import { ActsHead, Chip, Countdown, MoneyText } from "../../shell/pieces";
import { prefixOf, useRegionChoices, useRegionName } from "../../shell/region";
import { useSession } from "../../shell/session";
import { serverNow } from "../../shell/time";
import { ProblemAlert } from "../../shell/problem";
import { Empty, QueryView } from "../../shell/views";
import { ORDER_KINDS } from "../../words/order";
import { RULES } from "./texts";

/** Kinds that a rule may ever approve; a lift only where the chase itself corrects its own stop. */
const KINDS = ["stop", "query_transactions", "query_holder", "watch", "lift_stop"];

function RuleForm({ onDone }: { onDone: () => void }) {
  const t = useT(RULES);
  const word = useWord();
  const regions = useRegionChoices();
  const [form, setForm] = useState({ name: "", kinds: ["stop", "query_transactions"], level: 3, amount: "50,000", age: 72, region: "", expires: timeFieldOf(serverNow() + 30 * 86_400_000) });
  const [key, setKey] = useState(newIdempotencyKey);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const set = (part: Partial<typeof form>) => setForm((old) => ({ ...old, ...part }));
  const faults = error instanceof Problem ? error.faults : [];
  const money = parseMoney(form.amount);
  async function save() {
    setBusy(true);
    setError(null);
    try {
      await post("/standing-rules", { name: form.name.trim(), kinds: form.kinds, level_max: form.level, amount_max: money, report_age_hours_max: form.age, region_prefix: prefixOf(form.region), expires_at: instantOf(form.expires) }, key);
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
          <Field must label={t("name")} path="name">{({ id, status }) => <Input id={id} status={status} value={form.name} maxLength={100} onChange={(event) => set({ name: event.target.value })} />}</Field>
          <Field must label={t("kinds")} path="kinds">{({ id, status }) => <Select id={id} status={status} mode="multiple" value={form.kinds} onChange={(kinds) => set({ kinds })} options={KINDS.map((value) => ({ value, label: word(ORDER_KINDS, value) }))} />}</Field>
          <Field className="s6" must label={t("level")} path="level_max">{({ id, status }) => <InputNumber id={id} status={status} min={1} max={50} value={form.level} onChange={(level) => set({ level: level ?? 1 })} />}</Field>
          <Field className="s6" must label={t("amount")} path="amount_max" hint={money && <>= {formatMoney(money)}</>}>{({ id, status }) => <Input id={id} status={status} value={form.amount} onChange={(event) => set({ amount: event.target.value })} />}</Field>
          <Field className="s6" must label={t("age")} path="report_age_hours_max">{({ id, status }) => <InputNumber id={id} status={status} min={1} max={8784} value={form.age} onChange={(age) => set({ age: age ?? 1 })} />}</Field>
          <Field className="s6" label={t("region")} path="region_prefix">{({ id, status }) => <Select id={id} status={status} allowClear showSearch={{ optionFilterProp: "label" }} placeholder={t("regionAll")} value={form.region || undefined} onChange={(region) => set({ region: region ?? "" })} options={regions} />}</Field>
          <Field must label={t("expires")} path="expires_at" hint={t("expiresHint")}>{({ id, status }) => <TimeInput id={id} status={status} value={form.expires} onChange={(text) => set({ expires: text })} />}</Field>
        </div>
        <Button style={{ marginTop: 14 }} htmlType="submit" type="primary" loading={busy} disabled={!money}>{t("submit")}</Button>
      </FaultScope>
    </form>
  );
}

function RuleState({ rule }: { rule: StandingRule }) {
  const t = useT(RULES);
  if (rule.in_force) return <Chip tone="green" sign="✓">{t("inForce")}</Chip>;
  if (rule.ended_at) return <Chip sign="■">{t("ended")}</Chip>;
  if (Date.parse(rule.expires_at) <= serverNow()) return <Chip sign="■">{t("expired")}</Chip>;
  if (!rule.approved_by) return <Chip tone="amber" sign="◔">{t("waits")}</Chip>;
  return <Chip sign="…">{t("notYet")}</Chip>;
}

export default function Rules() {
  const t = useT(RULES);
  const word = useWord();
  const client = useQueryClient();
  const { message } = App.useApp();
  const { may } = useSession();
  const regionName = useRegionName();
  const [adding, setAdding] = useState(false);
  const [all, setAll] = useState(false);
  const query = useQuery({ queryKey: ["rules"], queryFn: async () => (await get<Page<StandingRule>>("/standing-rules")).items });
  const renew = () => {
    void message.success(t("done"));
    void client.invalidateQueries({ queryKey: ["rules"] });
  };
  const act = useMutation({ mutationFn: ({ id, what }: { id: string; what: "approve" | "end" }) => post(`/standing-rules/${id}/${what}`), onSuccess: renew });
  const open = (rule: StandingRule) => !rule.ended_at && Date.parse(rule.expires_at) > serverNow();
  return (
    <div className="page">
      <div className="page-head">
        <h1>{t("title")}</h1><span className="spacer" />
        <Checkbox checked={all} onChange={(event) => setAll(event.target.checked)}>{t("showEnded")}</Checkbox>
        {may("rules.write") && <Button type="primary" size="small" onClick={() => setAdding(true)}>＋ {t("add")}</Button>}
      </div>
      <p className="faint" style={{ marginBottom: 10 }}>{t("about")}</p>
      <ProblemAlert error={act.error} />
      <QueryView query={query} right="stop.read">
        {(rules) => {
          const shown = rules.filter((rule) => all || open(rule));
          return shown.length === 0 ? <Empty title={t("empty")} hint={t("emptyHint")} icon="rules" /> : (
            <div className="sheet-wrap">
              <table className="sheet">
                <thead><tr><th>{t("name")}</th><th>{t("kinds")}</th><th>{t("bounds")}</th><th className="num">{t("amount")}</th><th>{t("people")}</th><th>{t("expires")}</th><th>{t("state")}</th><ActsHead /></tr></thead>
                <tbody>
                  {shown.map((rule) => (
                    <tr key={rule.id}>
                      <td className="strong">{rule.name}</td>
                      <td>{rule.kinds.map((kind) => <div key={kind} className="nowrap">{word(ORDER_KINDS, kind)}</div>)}</td>
                      <td>{t("levelTo", { n: rule.level_max })} · {t("ageWithin", { n: rule.report_age_hours_max })}<br /><span className="muted">{rule.region_prefix ? regionName(rule.region_prefix) : t("regionAll")}</span></td>
                      <td className="num"><MoneyText money={rule.amount_max} /></td>
                      <td>{rule.author} / {rule.approved_by ?? <span className="faint">—</span>}</td>
                      <td>{open(rule) ? <Countdown end={rule.expires_at} start={rule.valid_from} /> : "—"}</td>
                      <td><RuleState rule={rule} /></td>
                      <td className="right nowrap">
                        {rule.may_approve && <Popconfirm title={t("approveAsk")} onConfirm={() => act.mutate({ id: rule.id, what: "approve" })}><Button size="small" type="primary">{t("approve")}</Button></Popconfirm>}{" "}
                        {rule.may_end && <Popconfirm title={t("endAsk")} onConfirm={() => act.mutate({ id: rule.id, what: "end" })}><Button size="small" danger>{t("end")}</Button></Popconfirm>}
                      </td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          );
        }}
      </QueryView>
      <Drawer open={adding} size={440} title={t("add")} onClose={() => setAdding(false)} destroyOnHidden>
        {adding && <RuleForm onDone={() => { setAdding(false); renew(); }} />}
      </Drawer>
    </div>
  );
}
