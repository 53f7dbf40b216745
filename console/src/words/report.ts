/** Words for reports. Scam types and regions come from the seat. */
import { texts } from "../shell/i18n";

export const REPORT_CHANNELS = texts({
  "110": { zh: "110 接警", en: "110 call" },
  "96110": { zh: "96110 来电", en: "96110 call" },
  counter: { zh: "窗口报案", en: "Counter" },
  public: { zh: "公众网页", en: "Public page" },
  partner: { zh: "合作单位推送", en: "Partner" },
  import: { zh: "批量导入", en: "Import" },
});

export const REPORT_STATES = texts({
  draft: { zh: "草稿", en: "Draft" },
  submitted: { zh: "已提交", en: "Submitted" },
  joined: { zh: "已并入", en: "Joined" },
  closed: { zh: "已办结", en: "Closed" },
});

export const REPORT_LOOKS: Record<string, { sign: string; tone: "" | "accent" | "amber" | "red" | "green" }> = {
  draft: { sign: "✎", tone: "amber" },
  submitted: { sign: "✓", tone: "green" },
  joined: { sign: "⊕", tone: "" },
  closed: { sign: "✓", tone: "" },
};

export const CONTACT_KINDS = texts({
  phone: { zh: "电话", en: "Phone" },
  url: { zh: "网址", en: "URL" },
  chat: { zh: "社交账号", en: "Chat account" },
  app: { zh: "应用", en: "App" },
});
