/** Words for orders about lines and their answers, shared by the police seat and the carrier seat. */
import { texts } from "../shell/i18n";

export const LINE_KINDS = texts({
  cut_call: { zh: "切断通话", en: "Cut the call" },
  hold_flagged_calls: { zh: "拦截可疑来电", en: "Hold flagged calls" },
  protect_line: { zh: "重点保护", en: "Protect the line" },
  suspend_line: { zh: "关停号码", en: "Suspend the line" },
  lift: { zh: "解除措施", en: "Lift" },
  query_contacts: { zh: "查询联系人", en: "Query contacts" },
  warn_contacts: { zh: "预警联系人", en: "Warn contacts" },
  label_next_call: { zh: "来电提示", en: "Label the next call" },
});

export const LINE_STATES = texts({
  review: { zh: "待审核", en: "In review" },
  refused: { zh: "审核退回", en: "Refused in review" },
  cancelled: { zh: "已撤回", en: "Taken back" },
  sent: { zh: "待运营商反馈", en: "Waiting for operator" },
  in_effect: { zh: "生效中", en: "In effect" },
  done: { zh: "已办结", en: "Done" },
  elsewhere: { zh: "非本网或空号", en: "Not on that network" },
  rejected: { zh: "运营商未执行", en: "Not carried out" },
  expired: { zh: "逾期未反馈", en: "No answer in time" },
  ended: { zh: "到期解除", en: "Ended by itself" },
  lifted: { zh: "已解除", en: "Lifted" },
});

export const LINE_LOOKS: Record<string, { sign: string; tone: "" | "accent" | "amber" | "red" | "green" }> = {
  review: { sign: "◔", tone: "amber" },
  refused: { sign: "✕", tone: "" },
  cancelled: { sign: "✕", tone: "" },
  sent: { sign: "↗", tone: "accent" },
  in_effect: { sign: "■", tone: "green" },
  done: { sign: "✓", tone: "green" },
  elsewhere: { sign: "○", tone: "" },
  rejected: { sign: "✕", tone: "red" },
  expired: { sign: "!", tone: "red" },
  ended: { sign: "□", tone: "" },
  lifted: { sign: "□", tone: "" },
};

export const LINE_ANSWERS = texts({
  done: { zh: "已办理", en: "Done" },
  done_in_part: { zh: "部分办理", en: "Done in part" },
  no_such_line: { zh: "空号", en: "No such line" },
  not_our_line: { zh: "非本网号码", en: "Not our line" },
  no_call_in_progress: { zh: "当前无通话", en: "No call in progress" },
  emergency_call_not_cut: { zh: "紧急呼叫不予切断", en: "Emergency call, not cut" },
  protected_number: { zh: "受保护号码", en: "Protected number" },
  nothing_to_lift: { zh: "没有可解除的措施", en: "Nothing to lift" },
  already_in_force: { zh: "措施已生效", en: "Already in force" },
  order_incomplete: { zh: "指令要素不全", en: "Order incomplete" },
  order_already_handled: { zh: "指令已处理", en: "Already handled" },
  function_not_offered: { zh: "运营商不支持", en: "Not offered" },
  internal_failure: { zh: "运营商系统故障", en: "Operator's system failed" },
  other: { zh: "其他答复", en: "Another answer" },
});

/** Tone and sign of an answer: done, done otherwise, not done. */
export function answerLook(code: string): { sign: string; tone: "green" | "amber" | "red" } {
  if (code === "done") return { sign: "✓", tone: "green" };
  return ["done_in_part", "not_our_line", "no_such_line", "no_call_in_progress", "already_in_force", "nothing_to_lift"].includes(code) ? { sign: "◐", tone: "amber" } : { sign: "✕", tone: "red" };
}

export const CONTACT_CHANNELS = texts({
  call: { zh: "通话", en: "Call" },
  message: { zh: "短信", en: "Message" },
  other: { zh: "其他", en: "Other" },
});

/** Seen from the line that was asked about. */
export const CONTACT_DIRECTIONS = texts({
  in: { zh: "来", en: "in" },
  out: { zh: "去", en: "out" },
});
