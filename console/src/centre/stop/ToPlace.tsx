/** Payments that no chase follows by itself: without a bank, in another currency than their case, or after its closing. */
import { App, Button, Input, Select } from "antd";
import { useState } from "react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "react-router";
import { get, post } from "../../api/client";
import type { Page, PlacedPayment, WaitingPayment } from "../../api/types";
import { ReasonForm } from "../../shell/ActBar";
import { Field } from "../../shell/form";
import { texts, useT } from "../../shell/i18n";
import { usePartners } from "../../shell/partners";
import { AccountText, Card, Chip, MoneyText, TimeText } from "../../shell/pieces";
import { prefixOf, useRegionName, useRegionScope } from "../../shell/region";
import { SubjectLink } from "../../shell/SubjectLink";
import { Empty, QueryView } from "../../shell/views";

const PLACE = texts({
  title: { zh: "待落实付款", en: "Payments to place" },
  about: { zh: "以下付款尚无人追踪：收款银行不明或未接入，币种与案件不同，或案件办结后才报来。落实后立即止付或追踪；未接入的请发函。", en: "Nothing follows these payments: the payee's bank is unknown or not connected, they are in another currency than their case, or they came after their case was closed. Place one and it is stopped or followed at once; go by letter to a bank that is not connected." },
  empty: { zh: "没有待落实的付款", en: "No payment waits" },
  emptyHint: { zh: "收款银行不明或未接入的付款、案件办结后报来的付款会出现在这里。", en: "Payments whose bank is unknown or not connected appear here, and those that come to closed cases." },
  case: { zh: "案件", en: "Case" },
  account: { zh: "收款账户", en: "Payee account" },
  amount: { zh: "金额", en: "Amount" },
  paidAt: { zh: "付款时间", en: "Paid at" },
  waits: { zh: "原因", en: "Why" },
  bank: { zh: "收款银行", en: "Payee bank" },
  unknown: { zh: "收款银行不明", en: "Bank unknown" },
  letter: { zh: "“{bank}”未接入：发函办理", en: "“{bank}” is not connected: go by letter" },
  order: { zh: "指令（外币）", en: "An order (other currency)" },
  decision: { zh: "人工决定（案件已办结）", en: "A decision (closed case)" },
  place: { zh: "落实", en: "Place" },
  holder: { zh: "户名", en: "Account name" },
  holderHint: { zh: "警情已有户名则不必填", en: "Only where the report names none" },
  followed: { zh: "已交由追踪，止付指令随即生成", en: "The chase follows it; the stop order is made" },
  ordered: { zh: "已生成止付指令，等待审核", en: "The stop order is made and waits for review" },
});

function PlacePanel({ payment, leave }: { payment: WaitingPayment; leave: () => void }) {
  const t = useT(PLACE);
  const go = useNavigate();
  const client = useQueryClient();
  const { message } = App.useApp();
  const { banks } = usePartners();
  const [partner, setPartner] = useState<string | undefined>(payment.partner ?? undefined);
  const [name, setName] = useState("");
  return (
    <ReasonForm
      title={t("place")} confirm={t("place")} reason={payment.waits_for === "order" ? "optional" : "none"} leave={leave}
      submit={async (reason, key) => {
        const placed = await post<PlacedPayment>(`/payments-waiting/${payment.case_id}/${payment.position}/place`, { partner, account_name: name.trim() || undefined, reason }, key);
        void message.success(placed.followed ? t("followed") : t("ordered"));
        if (placed.order) void go(`/stop/${placed.order}`);
      }}
      onDone={() => void client.invalidateQueries({ predicate: (query) => ["payments-waiting", "orders", "chases", "desk-counts"].includes(String(query.queryKey[0])) })}
    >
      <Field className="s6" must label={t("bank")} path="partner">{({ id, status }) => <Select id={id} status={status} disabled={payment.waits_for !== "bank"} showSearch={{ optionFilterProp: "label" }} value={partner} onChange={setPartner} options={banks.map((bank) => ({ value: bank.id, label: bank.name }))} />}</Field>
      <Field className="s6" label={t("holder")} path="account_name" hint={t("holderHint")}>{({ id, status }) => <Input id={id} status={status} value={name} maxLength={64} onChange={(event) => setName(event.target.value)} />}</Field>
    </ReasonForm>
  );
}

export function ToPlace() {
  const t = useT(PLACE);
  const region = useRegionScope();
  const regionName = useRegionName();
  const [open, setOpen] = useState<string | null>(null);
  const query = useQuery({ queryKey: ["payments-waiting"], queryFn: async () => (await get<Page<WaitingPayment>>("/payments-waiting")).items });
  return (
    <>
      <div className="detail-head"><div className="grow"><h2>{t("title")}</h2><div className="sub">{t("about")}</div></div></div>
      <div className="detail-body" tabIndex={-1}>
        <QueryView query={query} right="stop.read">
          {(all) => {
            const inside = all.filter((payment) => payment.region.startsWith(prefixOf(region)));
            return inside.length === 0 ? <Empty title={t("empty")} hint={t("emptyHint")} /> : inside.map((payment) => {
              const key = `${payment.case_id}/${payment.position}`;
              return (
                <Card key={key} flush title={<><SubjectLink kind="report" id={payment.case_id}>{payment.case_number}</SubjectLink> <span className="muted" style={{ fontWeight: 400 }}>{regionName(payment.region)} · <TimeText at={payment.reported_at} /></span></>} extra={payment.may_place && <Button size="small" type="primary" aria-expanded={open === key} onClick={() => setOpen(open === key ? null : key)}>{t("place")}</Button>}>
                  <table className="sheet">
                    <thead><tr><th>{t("account")}</th><th className="num">{t("amount")}</th><th>{t("paidAt")}</th><th>{t("waits")}</th></tr></thead>
                    <tbody><tr><td><AccountText value={payment.account} /> {payment.account_name}</td><td className="num"><MoneyText money={payment.amount} /></td><td><TimeText at={payment.paid_at} /></td><td><Chip tone="amber" sign="◔">{payment.waits_for === "order" || payment.waits_for === "decision" ? t(payment.waits_for) : payment.waits_for === "letter" ? t("letter", { bank: payment.bank_named ?? "" }) : t("unknown")}</Chip></td></tr></tbody>
                  </table>
                  {open === key && <div className="act-panel" style={{ borderTop: "1px solid var(--line)", borderBottom: 0 }}><PlacePanel payment={payment} leave={() => setOpen(null)} /></div>}
                </Card>
              );
            });
          }}
        </QueryView>
      </div>
    </>
  );
}
