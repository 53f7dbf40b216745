/** How money, phones, accounts and times are written everywhere in the console. Pure functions. */
import type { Money } from "../api/types";
import type { Lang } from "./i18n";

/** Digits after the point where they are not two (ISO 4217). */
const EXPONENTS: Record<string, number> = {
  BHD: 3, IQD: 3, JOD: 3, KWD: 3, LYD: 3, OMR: 3, TND: 3,
  BIF: 0, CLP: 0, DJF: 0, GNF: 0, ISK: 0, JPY: 0, KMF: 0, KRW: 0, PYG: 0, RWF: 0, UGX: 0, VND: 0, VUV: 0, XAF: 0, XOF: 0, XPF: 0,
};
const SIGNS: Record<string, string> = { CNY: "¥", CNH: "CNH ", USD: "US$", HKD: "HK$", EUR: "€", GBP: "£", JPY: "JP¥" };

export function exponentOf(currency: string): number {
  return EXPONENTS[currency] ?? 2;
}

export function signOf(currency: string): string {
  return SIGNS[currency] ?? `${currency} `;
}

/** A count with separators. */
export function formatCount(count: number): string {
  return count.toLocaleString("en-US");
}

/** `3000000` fen → `30,000.00`. Integer arithmetic only: a float would lose fen above 90 billion yuan. */
export function formatMinor(minor: number, currency: string): string {
  const exponent = exponentOf(currency);
  const negative = minor < 0;
  const digits = String(Math.abs(Math.trunc(minor))).padStart(exponent + 1, "0");
  const whole = digits.slice(0, digits.length - exponent);
  const rest = exponent > 0 ? `.${digits.slice(digits.length - exponent)}` : "";
  return `${negative ? "−" : ""}${whole.replace(/\B(?=(\d{3})+$)/g, ",")}${rest}`;
}

export function formatMoney(money: Money): string {
  const text = formatMinor(money.minor, money.currency);
  return text.startsWith("−") ? `−${signOf(money.currency)}${text.slice(1)}` : `${signOf(money.currency)}${text}`;
}

/** The size of a large sum at a glance: `3 万`, `1.25 亿` in Chinese, `30 K`, `125 M` in English; nothing below 10,000. */
export function magnitude(money: Money, lang: Lang): string | null {
  const yuan = Math.abs(money.minor) / 10 ** exponentOf(money.currency);
  const steps: [number, string][] = lang === "zh" ? [[1e8, " 亿"], [1e4, " 万"]] : [[1e9, " B"], [1e6, " M"], [1e4, " K"]];
  for (const [size, unit] of steps) {
    if (yuan < size) continue;
    const shown = yuan / (unit === " K" ? 1e3 : size);
    const text = shown >= 100 ? shown.toFixed(0) : shown.toFixed(2).replace(/\.?0+$/, "");
    return `${money.minor < 0 ? "−" : ""}${text}${unit}`;
  }
  return null;
}

/** Reads what an officer types or pastes: `30,000.5`, `3万`, `¥1.2万`, `30000元`. `null` when it is no amount. */
export function parseMoney(text: string, currency = "CNY"): Money | null {
  const cleaned = text.replace(/[\s,，_¥￥元圆]|人民币|CNY|RMB/gi, "");
  const match = /^(\d{1,13})(?:\.(\d{1,8}))?(万|亿)?$/.exec(cleaned);
  if (!match) return null;
  const [, whole = "", fraction = "", unit] = match;
  const shift = exponentOf(currency) + (unit === "亿" ? 8 : unit === "万" ? 4 : 0);
  if (fraction.replace(/0+$/, "").length > shift) return null;
  const minor = Number(whole + fraction.padEnd(shift, "0").slice(0, shift));
  return Number.isSafeInteger(minor) ? { minor, currency } : null;
}

export function addMoney(sums: Money[]): Money {
  return { minor: sums.reduce((total, sum) => total + sum.minor, 0), currency: sums[0]?.currency ?? "CNY" };
}

function groupsOfFour(text: string): string {
  return text.replace(/(.{4})(?=.)/g, "$1 ");
}

/** Accounts in groups of four, masked or not: `6222 **** **** 1234`. */
export function formatAccount(text: string): string {
  const compact = text.replace(/[\s-]/g, "");
  const masked = /^([0-9A-Za-z]*)\*+([0-9A-Za-z]*)$/.exec(compact);
  // However many stars a mask has, the head and the tail stay together so that they can be read over the phone.
  if (masked) {
    const [, head = "", tail = ""] = masked;
    const stars = compact.length - head.length - tail.length;
    const middle = groupsOfFour("*".repeat(Math.min(8, Math.max(4, Math.ceil(stars / 4) * 4))));
    return [groupsOfFour(head), middle, groupsOfFour(tail)].filter(Boolean).join(" ");
  }
  return groupsOfFour(compact);
}

/** The last four characters, as a voice on the phone would say them. */
export function accountTail(text: string): string {
  return text.replace(/[\s-]/g, "").slice(-4);
}

/** Country codes of one digit and of two (ITU-T E.164); all others have three. */
const COUNTRY_CODE = /^(?:[17]|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58])/;

/**
 * Mobile numbers 3-4-4; fixed numbers with their area code; a country code by itself, with the national number behind it as at
 * home; the rest in groups of four from the right. Masked digits count as digits.
 */
export function formatPhone(text: string): string {
  const compact = text.replace(/[\s-]/g, "");
  if (/^1[\d*]{10}$/.test(compact)) return `${compact.slice(0, 3)} ${compact.slice(3, 7)} ${compact.slice(7)}`;
  const fixed = /^(010|02\d|0[3-9]\d\d)([\d*]{7,8})$/.exec(compact);
  if (fixed) return `${fixed[1]} ${fixed[2]!.slice(0, -4)} ${fixed[2]!.slice(-4)}`;
  if (compact.length <= 6) return compact;
  if (!/^\+[\d*]+$/.test(compact)) return groupsFromRight(compact);
  const digits = compact.slice(1);
  const code = COUNTRY_CODE.exec(digits)?.[0] ?? digits.slice(0, 3);
  const national = digits.slice(code.length);
  return `+${code} ${code === "86" ? atHome(national) : groupsFromRight(national)}`;
}

/** A national number of China without its trunk zero. */
function atHome(national: string): string {
  if (/^1[\d*]{10}$/.test(national)) return formatPhone(national);
  const fixed = /^(10|2\d|[3-9]\d\d)([\d*]{7,8})$/.exec(national);
  return fixed ? `${fixed[1]} ${fixed[2]!.slice(0, -4)} ${fixed[2]!.slice(-4)}` : groupsFromRight(national);
}

function groupsFromRight(digits: string): string {
  const head = digits.length % 4;
  // A single digit in front reads as part of the group behind it.
  const first = head === 1 && digits.length > 4 ? 5 : head;
  return [digits.slice(0, first), ...(digits.slice(first).match(/.{4}/g) ?? [])].filter(Boolean).join(" ");
}

export const HOME_ZONE = "Asia/Shanghai";

function parts(at: Date): Record<string, string> {
  const format = new Intl.DateTimeFormat("en-GB", {
    timeZone: HOME_ZONE, hourCycle: "h23", year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit",
  });
  return Object.fromEntries(format.formatToParts(at).map((part) => [part.type, part.value]));
}

export type TimeShape = "full" | "minute" | "short" | "clock" | "date";

/** A time in the home zone: full `2026-11-23 08:05:09`, minute `2026-11-23 08:05`, short `11-23 08:05`. */
export function formatTime(iso: string | number | Date, shape: TimeShape = "minute"): string {
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return "—";
  const p = parts(at);
  const date = `${p.year}-${p.month}-${p.day}`;
  switch (shape) {
    case "full": return `${date} ${p.hour}:${p.minute}:${p.second}`;
    case "minute": return `${date} ${p.hour}:${p.minute}`;
    case "short": return `${p.month}-${p.day} ${p.hour}:${p.minute}`;
    case "clock": return `${p.hour}:${p.minute}:${p.second}`;
    case "date": return date;
  }
}

/** What a date-time field holds, in the home zone, as the instant it means: `2026-11-22 15:20`, with or without seconds, `/` or `.` for `-`, one digit or two. */
export function instantOf(local: string): string | null {
  const match = /^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?[T\s]+(\d{1,2})[:：](\d{2})(?:[:：](\d{2}))?$/.exec(local.trim());
  if (!match) return null;
  const two = (text: string | undefined) => (text ?? "0").padStart(2, "0");
  const [, y, mo, d, h, mi, s] = match;
  const at = new Date(`${y}-${two(mo)}-${two(d)}T${two(h)}:${two(mi)}:${two(s)}+08:00`);
  // A day that the month does not have would silently become another day.
  if (Number.isNaN(at.getTime()) || formatTime(at, "date") !== `${y}-${two(mo)}-${two(d)}`) return null;
  return at.toISOString();
}

/** The reverse of [`instantOf`], as a browser's own `datetime-local` field holds it. */
export function localOf(iso: string | null | undefined): string {
  if (!iso) return "";
  const text = formatTime(iso, "full");
  return text === "—" ? "" : text.replace(" ", "T");
}

/** A length of time in the two largest units that a reader needs: `1 天 05:12`, `5:12:33`, `12:33`. */
export function formatLeft(ms: number, lang: Lang): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const days = Math.floor(seconds / 86400);
  const hours = Math.floor((seconds % 86400) / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  const two = (n: number) => String(n).padStart(2, "0");
  if (days > 0) return `${days}${lang === "zh" ? " 天 " : " d "}${two(hours)}:${two(minutes)}`;
  if (hours > 0) return `${hours}:${two(minutes)}:${two(seconds % 60)}`;
  return `${two(minutes)}:${two(seconds % 60)}`;
}

/** An age in one unit: `12 秒`, `3 分钟`, `2 小时`, `5 天`. */
export function formatAge(ms: number, lang: Lang): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const [n, zh, en] =
    seconds < 60 ? [seconds, "秒", "s"] :
    seconds < 3600 ? [Math.floor(seconds / 60), "分钟", "min"] :
    seconds < 86400 ? [Math.floor(seconds / 3600), "小时", "h"] : [Math.floor(seconds / 86400), "天", "d"];
  return `${n} ${lang === "zh" ? zh : en}`;
}
