/** The acts on an order about a line: what the seat allows now. */
import { App, Button } from "antd";
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "react-router";
import { post } from "../../api/client";
import type { LineAct, LineOrder, LineOrdersMade } from "../../api/types";
import { ActBar, ReasonForm, type Act } from "../../shell/ActBar";
import { useT } from "../../shell/i18n";
import { SHELL } from "../../shell/texts";
import { LINES } from "./texts";

export function LineActs({ order }: { order: LineOrder }) {
  const t = useT(LINES);
  const s = useT(SHELL);
  const go = useNavigate();
  const client = useQueryClient();
  const { message } = App.useApp();
  const panel = (act: "approve" | "refuse" | "withdraw" | "lift", title: string, more: { hint?: string; danger?: boolean; reason?: "none"; suggestions?: string[] }) => (leave: () => void) => (
    <ReasonForm
      {...more}
      title={title} confirm={title} leave={leave}
      submit={async (reason, key) => {
        const made = await post<LineOrdersMade>(`/line-orders/${order.id}/${act}`, act === "approve" ? {} : { reason }, key);
        const first = made.orders.find((one) => one.id === made.id);
        if (made.id === order.id) void message.success(t("acted", { act: title, number: order.number }));
        else {
          void message.success(t("madeNew", { number: first?.number ?? "" }));
          void go(`/lines/${made.id}`);
        }
      }}
      onDone={() => {
        void client.invalidateQueries({ queryKey: ["line-orders"] });
        void client.invalidateQueries({ queryKey: ["desk-counts"] });
      }}
    />
  );
  const table: Record<LineAct, Act> = {
    approve: { key: "approve", label: t("approve"), hotkey: "a", tone: "primary", panel: panel("approve", t("approve"), { hint: t("approveHint"), reason: "none" }) },
    refuse: { key: "refuse", label: t("refuse"), hotkey: "r", tone: "danger", panel: panel("refuse", t("refuse"), { danger: true, suggestions: [t("reasonUnclear"), t("reasonWrongNumber")] }) },
    warn_contacts: { key: "warn", label: t("warn"), hotkey: "w", tone: "primary", run: () => void go(`/lines/new?from=${order.id}&kind=warn_contacts`) },
    query_contacts: { key: "query", label: t("queryAgain"), hotkey: "q", run: () => void go(`/lines/new?from=${order.id}&kind=query_contacts`) },
    lift: { key: "lift", label: t("lift"), hotkey: "l", tone: "danger", panel: panel("lift", t("lift"), { danger: true, hint: t("makesOrder"), suggestions: [t("reasonOver")] }) },
    withdraw: { key: "withdraw", label: t("withdraw"), hotkey: "x", panel: panel("withdraw", t("withdraw"), {}) },
  };
  const acts = (Object.keys(table) as LineAct[]).filter((key) => order.acts.includes(key)).map((key) => table[key]);
  return <ActBar scope={order.id} acts={acts} extra={<Button onClick={() => window.print()}>{s("print")}</Button>} />;
}
