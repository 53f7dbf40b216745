/** Two languages: Chinese as the trade speaks it, English in the field's standard terms. Texts live beside their desk. */
import { useSyncExternalStore } from "react";

export type Lang = "zh" | "en";
export interface Both {
  zh: string;
  en: string;
}
export type Texts = Record<string, Both>;
export type Values = Record<string, string | number>;

const STORED_UNDER = "shouhu.lang";
const listeners = new Set<() => void>();
let current: Lang = read();

function read(): Lang {
  try {
    return localStorage.getItem(STORED_UNDER) === "en" ? "en" : "zh";
  } catch {
    return "zh";
  }
}

/** Declares the texts of a desk; the compiler asks for both languages, a test asks that they agree. */
export function texts<const T extends Texts>(table: T): T {
  return table;
}

export function currentLang(): Lang {
  return current;
}

export function setLang(lang: Lang): void {
  current = lang;
  try {
    localStorage.setItem(STORED_UNDER, lang);
  } catch {
    // A browser that stores nothing still switches for this visit.
  }
  applyLang();
  for (const tell of listeners) tell();
}

/** Tells the browser which language the page is in, for screen readers and hyphenation. */
export function applyLang(): void {
  document.documentElement.lang = current === "zh" ? "zh-CN" : "en";
}

function subscribe(tell: () => void): () => void {
  listeners.add(tell);
  return () => listeners.delete(tell);
}

export function useLang(): Lang {
  return useSyncExternalStore(subscribe, currentLang, currentLang);
}

/** Fills `{name}` places. */
export function fill(template: string, values?: Values): string {
  if (!values) return template;
  return template.replace(/\{(\w+)\}/g, (whole, name: string) => (name in values ? String(values[name]) : whole));
}

export function say(both: Both, lang: Lang = current): string {
  return both[lang] || both.zh || both.en;
}

export type Translate<T extends Texts> = (key: keyof T & string, values?: Values) => string;

/** The texts of one desk in the language of the page. */
export function useT<T extends Texts>(table: T): Translate<T> {
  const lang = useLang();
  return (key, values) => {
    const both = table[key];
    return both ? fill(both[lang], values) : key;
  };
}

/** Words for a code from a closed list; a code that a newer server sends shows itself rather than nothing. */
export function useWord(): (table: Texts, code: string | null | undefined) => string {
  const lang = useLang();
  return (table, code) => {
    if (!code) return "—";
    const both = table[code];
    return both ? both[lang] : code;
  };
}
