/** Texts that several desks of the carrier seat share. */
import { texts } from "../shell/i18n";

export const SHAPES = texts({
  full: { zh: "单个号码", en: "One number" },
  prefix: { zh: "号段", en: "Prefix" },
  range: { zh: "区间", en: "Range" },
});

export const ENTRY_STATES = texts({
  active: { zh: "生效", en: "In force" },
  ended: { zh: "已解除", en: "Ended" },
  expired: { zh: "已到期", en: "Expired" },
});
export const ENTRY_LOOKS: Record<string, { sign: string; tone: "" | "accent" | "amber" | "red" | "green" }> = {
  active: { sign: "■", tone: "green" },
  ended: { sign: "□", tone: "" },
  expired: { sign: "□", tone: "" },
};

export const MEASURE_STATES = texts({
  active: { zh: "生效中", en: "In force" },
  ended: { zh: "到期结束", en: "Ended by itself" },
  lifted: { zh: "已解除", en: "Lifted" },
  used: { zh: "已提示", en: "Shown" },
});
export const MEASURE_LOOKS: Record<string, { sign: string; tone: "" | "accent" | "amber" | "red" | "green" }> = {
  active: { sign: "■", tone: "green" },
  ended: { sign: "□", tone: "" },
  lifted: { sign: "□", tone: "" },
  used: { sign: "✓", tone: "" },
};

export const APPEAL_STATES = texts({
  open: { zh: "待处理", en: "Open" },
  asked: { zh: "待第二人复核", en: "Waits for a second person" },
  granted: { zh: "已解除拦截", en: "Block lifted" },
  refused: { zh: "维持拦截", en: "Block stands" },
});
export const APPEAL_LOOKS: Record<string, { sign: string; tone: "" | "accent" | "amber" | "red" | "green" }> = {
  open: { sign: "◔", tone: "amber" },
  asked: { sign: "◑", tone: "accent" },
  granted: { sign: "✓", tone: "green" },
  refused: { sign: "✕", tone: "" },
};

export const STAGES = texts({
  draft: { zh: "草稿", en: "Draft" },
  shadow: { zh: "试运行", en: "Shadow" },
  live: { zh: "生效", en: "Live" },
  retired: { zh: "停用", en: "Retired" },
});
export const STAGE_LOOKS: Record<string, { sign: string; tone: "" | "accent" | "amber" | "red" | "green" }> = {
  draft: { sign: "…", tone: "" },
  shadow: { sign: "◑", tone: "accent" },
  live: { sign: "■", tone: "green" },
  retired: { sign: "□", tone: "" },
};

/** Where an entry of the list comes from: `centre:centre-43`, `operator`, `file:list.csv`, `appeal`. */
export const SOURCES = texts({
  centre: { zh: "反诈中心", en: "Centre" },
  operator: { zh: "本网", en: "This operator" },
  file: { zh: "文件", en: "File" },
  appeal: { zh: "申诉放行", en: "Appeal granted" },
});
