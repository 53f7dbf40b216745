/** Words for what a carrier's screen does with calls and messages, and why. */
import { texts, type Texts } from "../shell/i18n";

export const ACTIONS = texts({
  pass: { zh: "放行", en: "Passed" },
  monitor: { zh: "放行并上报", en: "Passed and reported" },
  label: { zh: "带提示放行", en: "Passed with a label" },
  mark: { zh: "加标放行", en: "Passed with a mark" },
  challenge: { zh: "语音验证", en: "Challenged" },
  announce: { zh: "转提示音", en: "Diverted to announcement" },
  reject_603: { zh: "拒绝（603）", en: "Declined (603)" },
  reject_608: { zh: "拒绝（608，可申诉）", en: "Rejected (608, may appeal)" },
  reject: { zh: "退回", en: "Refused" },
  drop: { zh: "丢弃", en: "Dropped" },
});

/** Reasons with their detail; `rule:` and its number are put together by [`useReason`]. */
export const REASONS = texts({
  "": { zh: "正常", en: "Clean" },
  clean: { zh: "正常", en: "Clean" },
  emergency: { zh: "紧急号码", en: "Emergency number" },
  list: { zh: "号码名单", en: "Number list" },
  "list:centre": { zh: "反诈中心名单", en: "List of the centre" },
  "list:file": { zh: "文件名单", en: "List file" },
  "list:operator": { zh: "本网名单", en: "Own list" },
  "list:appeal": { zh: "申诉放行", en: "Appeal granted" },
  line: { zh: "线路措施", en: "Measure on the line" },
  "line:hold_flagged": { zh: "拦截可疑来电", en: "Flagged calls held" },
  "line:protect": { zh: "重点保护", en: "Line protected" },
  "line:suspend": { zh: "已关停", en: "Line suspended" },
  "line:label_next": { zh: "来电提示", en: "Next call labelled" },
  check: { zh: "规范核验", en: "Built-in check" },
  "check:malformed": { zh: "主叫不规范", en: "Malformed caller" },
  "check:home_fixed_from_abroad": { zh: "境内固话自境外呼入", en: "Home fixed line from abroad" },
  "check:home_mobile_refuted": { zh: "机主不在境外的手机自境外呼入", en: "Mobile from abroad, subscriber at home" },
  "check:home_mobile_unproven": { zh: "境内手机自境外呼入，未核实", en: "Mobile from abroad, unproven" },
  "check:service_from_abroad": { zh: "客服号自境外呼入", en: "Service number from abroad" },
  "check:service_cannot_call": { zh: "不可外呼的号码外呼", en: "Number that cannot call" },
  "check:emergency_from_elsewhere": { zh: "冒用紧急号码", en: "Emergency number from elsewhere" },
  "check:foreign_from_home": { zh: "本网呼出境外号码", en: "Foreign number from own subscribers" },
  "check:attestation_failed": { zh: "号码认证不通过", en: "Attestation failed" },
  "check:calls_itself": { zh: "主被叫相同", en: "Calls itself" },
  "check:sender_wrong_route": { zh: "冒用登记端口", en: "Registered sender, wrong route" },
  rule: { zh: "规则", en: "Rule" },
});

export const CHANNELS = texts({
  call: { zh: "呼叫", en: "Calls" },
  message: { zh: "短信", en: "Messages" },
});

export const TRUNKS = texts({
  home: { zh: "本网", en: "Own network" },
  national: { zh: "网间", en: "National" },
  foreign: { zh: "国际", en: "International" },
});

export const FRONTS = texts({
  sip_redirect: { zh: "SIP 重定向", en: "SIP redirect" },
  sip_proxy: { zh: "SIP 代理", en: "SIP proxy" },
  smpp: { zh: "SMPP", en: "SMPP" },
  http: { zh: "HTTP", en: "HTTP" },
});

/** Words of the number list, at both seats. */
export const LIST_ACTIONS = texts({
  block: { zh: "拦截", en: "Block" },
  watch: { zh: "关注", en: "Watch" },
  allow: { zh: "放行", en: "Allow" },
  protect: { zh: "保护", en: "Protect" },
});
export const LIST_LOOKS: Record<string, { sign: string; tone: "" | "accent" | "amber" | "red" | "green" }> = {
  block: { sign: "✕", tone: "red" },
  watch: { sign: "◔", tone: "amber" },
  allow: { sign: "✓", tone: "green" },
  protect: { sign: "■", tone: "accent" },
};

/** Whether what was done kept a call or message from arriving. */
export function stops(action: string): boolean {
  return ["challenge", "announce", "reject_603", "reject_608", "reject", "drop"].includes(action);
}

/** The same in words, for every page that counts. */
export const STOPPED = texts({
  means: { zh: "“拦截”指没有接通或没有送达：拒绝、丢弃、转提示音、须先通过语音验证；“提示”指带提示接通或送达", en: "Stopped: it did not arrive, being rejected, dropped, sent to an announcement or challenged. Labelled: it arrived with a warning" },
});

/** Why, in words: `rule:12` with the name of the rule where it is known. */
export function reasonWords(by: string, lang: "zh" | "en", ruleName?: (id: number) => string | undefined): string {
  const rule = /^rule:(\d+)$/.exec(by);
  if (rule) {
    const name = ruleName?.(Number(rule[1]));
    return name ?? `${REASONS.rule[lang]} ${rule[1]}`;
  }
  return (REASONS as Texts)[by]?.[lang] ?? by;
}
