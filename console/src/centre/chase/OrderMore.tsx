/** Lets a chase issue more orders by itself: how many, and why. */
import { Input } from "antd";
import { useState } from "react";
import { post, Problem } from "../../api/client";
import { ReasonForm } from "../../shell/ActBar";
import { Field } from "../../shell/form";
import { useT } from "../../shell/i18n";
import { countOf, ORDER_MORE_FIRST, ORDER_MORE_MAX } from "./orderMore";
import { CHASE } from "./texts";

interface OrderMoreProps {
  caseId: string;
  run: (act: () => Promise<unknown>, leave: () => void) => Promise<void>;
  onDone: () => void;
  leave: () => void;
}

export function OrderMore({ caseId, run, onDone, leave }: OrderMoreProps) {
  const t = useT(CHASE);
  const [typed, setTyped] = useState(String(ORDER_MORE_FIRST));
  const count = countOf(typed);
  return (
    <ReasonForm
      title={t("orderMore")} hint={t("orderMoreHint")} confirm={count === null ? t("orderMore") : t("orderMoreN", { n: count })} leave={leave} onDone={onDone}
      submit={async (reason, key) => {
        if (count === null) {
          const said = { zh: CHASE.orderMoreFault.zh.replace("{max}", String(ORDER_MORE_MAX)), en: CHASE.orderMoreFault.en.replace("{max}", String(ORDER_MORE_MAX)) };
          throw new Problem({ status: 422, code: "chase.count", texts: { zh: { title: CHASE.orderMoreFaulty.zh }, en: { title: CHASE.orderMoreFaulty.en } }, faults: [{ field: "count", code: "chase.count", ...said }] });
        }
        await run(() => post(`/chases/${caseId}/order-more`, { count, reason }, key), leave);
      }}
    >
      <Field className="s3" must label={t("orderMoreCount")} path="count" hint={t("orderMoreCountHint", { max: ORDER_MORE_MAX })}>{({ id, status, describedBy }) => <Input id={id} status={status} aria-describedby={describedBy} inputMode="numeric" maxLength={4} value={typed} onChange={(event) => setTyped(event.target.value)} />}</Field>
    </ReasonForm>
  );
}
