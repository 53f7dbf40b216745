/** Words for orders and answers, shared by the police seat and the bank seat. */
import { texts } from "../shell/i18n";

export const ORDER_KINDS = texts({
  stop: { zh: "紧急止付", en: "Emergency stop" },
  lift_stop: { zh: "解除止付", en: "Lift stop" },
  extend_stop: { zh: "延长止付", en: "Extend stop" },
  freeze: { zh: "冻结", en: "Freeze" },
  lift_freeze: { zh: "解除冻结", en: "Lift freeze" },
  renew_freeze: { zh: "续行冻结", en: "Renew freeze" },
  query_transactions: { zh: "查询交易", en: "Query transactions" },
  query_holder: { zh: "查询户主", en: "Query holder" },
  query_accounts: { zh: "查询名下账户", en: "Query holder's accounts" },
  watch: { zh: "动态监控", en: "Watch" },
  end_watch: { zh: "停止监控", en: "End watch" },
});

export const ORDER_STATES = texts({
  review: { zh: "待审核", en: "In review" },
  refused: { zh: "审核退回", en: "Refused in review" },
  cancelled: { zh: "已撤回", en: "Cancelled" },
  sent: { zh: "待银行反馈", en: "Waiting for bank" },
  in_effect: { zh: "生效中", en: "In effect" },
  in_effect_empty: { zh: "生效中，未控制到资金", en: "In effect, nothing held" },
  waiting: { zh: "轮候中", en: "Waiting in line" },
  done: { zh: "已办结", en: "Done" },
  rejected: { zh: "银行未执行", en: "Not carried out" },
  expired: { zh: "逾期未反馈", en: "No answer in time" },
  lapsed: { zh: "到期自动解除", en: "Lapsed" },
  lifted: { zh: "已解除", en: "Lifted" },
  replaced: { zh: "已转冻结", en: "Became a freeze" },
});

/** The state as it is shown: a hold that holds nothing, because earlier measures or an empty account leave nothing, is no green one. */
export function shownState(order: { state: string; held?: { minor: number } | null }): string {
  return order.state === "in_effect" && order.held?.minor === 0 ? "in_effect_empty" : order.state;
}

/** Whether an order of the kind says how much is held: lifts, extensions, queries and watches have no such range. */
export function hasScope(kind: string): boolean {
  return kind === "stop" || kind === "freeze";
}

/** Sign and colour of a state; the sign stands beside the word so that colour is never alone. */
export const ORDER_LOOKS: Record<string, { sign: string; tone: "" | "accent" | "amber" | "red" | "green" }> = {
  review: { sign: "◔", tone: "amber" },
  refused: { sign: "✕", tone: "" },
  cancelled: { sign: "✕", tone: "" },
  sent: { sign: "↗", tone: "accent" },
  in_effect: { sign: "■", tone: "green" },
  in_effect_empty: { sign: "◐", tone: "amber" },
  waiting: { sign: "⋯", tone: "accent" },
  done: { sign: "✓", tone: "green" },
  rejected: { sign: "✕", tone: "red" },
  expired: { sign: "!", tone: "red" },
  lapsed: { sign: "!", tone: "red" },
  lifted: { sign: "□", tone: "" },
  replaced: { sign: "→", tone: "" },
};

export const ANSWER_CODES = texts({
  done: { zh: "已执行", en: "Done" },
  done_in_part: { zh: "部分执行", en: "Done in part" },
  no_such_account: { zh: "账户不存在", en: "No such account" },
  name_mismatch: { zh: "户名不符", en: "Name does not match" },
  amount_or_time_mismatch: { zh: "金额或时间不符", en: "Amount or time does not match" },
  protected_account: { zh: "白名单账户", en: "Protected account" },
  already_stopped: { zh: "账户已止付", en: "Already stopped" },
  already_frozen: { zh: "账户已冻结", en: "Already frozen" },
  waiting_in_line: { zh: "轮候", en: "Waiting in line" },
  stops_used_up: { zh: "止付次数已用完", en: "Stops used up" },
  order_incomplete: { zh: "指令要素不全", en: "Order incomplete" },
  papers_missing: { zh: "法律文书缺失", en: "Papers missing" },
  seal_not_valid: { zh: "电子签章无效", en: "Seal not valid" },
  order_already_handled: { zh: "指令已处理", en: "Already handled" },
  function_not_offered: { zh: "银行不支持该业务", en: "Function not offered" },
  nothing_to_lift: { zh: "无可解除", en: "Nothing to lift" },
  internal_failure: { zh: "银行系统故障", en: "Bank's system failed" },
});

export const MISMATCHES = texts({
  account_number: { zh: "账号", en: "account number" },
  account_name: { zh: "户名", en: "account name" },
  amount: { zh: "金额", en: "amount" },
  time: { zh: "交易时间", en: "transaction time" },
  reference: { zh: "流水号", en: "reference" },
});

export const MOVEMENT_CHANNELS = texts({
  counter: { zh: "柜面", en: "Counter" },
  online: { zh: "网上银行", en: "Online" },
  mobile: { zh: "手机银行", en: "Mobile" },
  atm: { zh: "ATM", en: "ATM" },
  card_terminal: { zh: "POS 刷卡", en: "Card terminal" },
  top_up: { zh: "话费充值", en: "Phone top-up" },
  game_card: { zh: "游戏点卡", en: "Game card" },
  virtual_currency: { zh: "虚拟币商", en: "Virtual currency" },
  abroad: { zh: "境外", en: "Abroad" },
  cash: { zh: "取现", en: "Cash" },
  payment_institution: { zh: "第三方支付", en: "Payment institution" },
  fee: { zh: "手续费", en: "Fee" },
  interest: { zh: "利息", en: "Interest" },
  unknown: { zh: "不详", en: "Unknown" },
});
