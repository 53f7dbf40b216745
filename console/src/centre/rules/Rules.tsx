/** Standing rules: proposed by one person, approved by another, ended by either; never longer than a year. */
import { App, Button, Checkbox, Drawer, Popconfirm, Select } from "antd";
import { useState } from "react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { get, post } from "../../api/client";
import type { Page, StandingRule } from "../../api/types";
import { ChoiceField, CountField, FormBox, SumField, TextField, TimeField, useForm } from "../../shell/FormPage";
import { Field, timeFieldOf } from "../../shell/form";
import { instantOf, parseMoney } from "../../shell/format";
import { useT, useWord } from "../../shell/i18n";
import { ActsHead, Chip, Countdown, MoneyText } from "../../shell/pieces";
import { prefixOf, useRegionChoices, useRegionName } from "../../shell/region";
import { useSession } from "../../shell/session";
import { serverNow } from "../../shell/time";
import { ProblemAlert } from "../../shell/problem";
import { Empty, QueryView } from "../../shell/views";
import { ORDER_KINDS } from "../../words/order";
import { boundsOf, kindsOf } from "./model";
import { RULES } from "./texts";

/** Kinds that a rule may ever approve; a lift only where the chase itself corrects its own stop. */
const KINDS = ["stop", "query_transactions", "query_holder", "watch", "lift_stop"];

function RuleForm({ onDone }: { onDone: () => void }) {
  const t = useT(RULES);
  const word = useWord();
  const regions = useRegionChoices();
  const form = useForm({
    initial: () => ({ name: "", kinds: ["stop", "query_transactions"], level: 3 as number | null, amount: "50,000", age: 72 as number | null, region: "", expires: timeFieldOf(serverNow() + 30 * 86_400_000) }),
    send: async (values, key) => {
      await post("/standing-rules", {
        name: values.name.trim(), kinds: values.kinds, level_max: values.level ?? 1, amount_max: parseMoney(values.amount), report_age_hours_max: values.age ?? 1,
        region_prefix: values.region ? prefixOf(values.region) : undefined, expires_at: instantOf(values.expires),
      }, key);
      onDone();
    },
  });
  return (
    <FormBox form={form} confirm={t("submit")} blocked={!parseMoney(form.values.amount)}>
      <TextField form={form} name="name" must label={t("name")} max={100} />
      <Field must label={t("kinds")} path="kinds">{({ id, status }) => <Select id={id} status={status} mode="multiple" value={form.values.kinds} onChange={(kinds) => form.set({ kinds })} options={KINDS.map((value) => ({ value, label: word(ORDER_KINDS, value) }))} />}</Field>
      <CountField form={form} name="level" path="level_max" className="s6" must label={t("level")} max={50} />
      <SumField form={form} name="amount" path="amount_max" className="s6" must label={t("amount")} />
      <CountField form={form} name="age" path="report_age_hours_max" className="s6" must label={t("age")} max={8784} />
      <ChoiceField form={form} name="region" path="region_prefix" className="s6" clear find placeholder={t("regionAll")} label={t("region")} options={regions} />
      <TimeField form={form} name="expires" path="expires_at" must label={t("expires")} hint={t("expiresHint")} />
    </FormBox>
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
                      <td>{kindsOf(rule).map(({ words, kind }) => <div key={kind} className="nowrap">{word(words, kind)}</div>)}</td>
                      <td>{boundsOf(rule).map(({ text, n }) => (text === "levelTo" ? t("levelTo", { n }) : text === "hoursUpTo" ? t("hoursUpTo", { n }) : t("ageWithin", { n }))).join(" · ")}<br /><span className="muted">{rule.region_prefix ? regionName(rule.region_prefix) : t("regionAll")}</span></td>
                      <td className="num">{rule.amount_max ? <MoneyText money={rule.amount_max} /> : rule.kinds.length > 0 ? t("anyAmount") : <span className="faint">—</span>}</td>
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
