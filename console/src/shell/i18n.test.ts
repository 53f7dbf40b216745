/** Every text stands in both languages with the same places, is used, and no words are written past the tables. */
import { describe, expect, it } from "vitest";
import { fill } from "./i18n";

const sources = import.meta.glob<string>(["../**/*.ts", "../**/*.tsx", "!../**/*.test.*", "!../api/**"], { query: "?raw", import: "default", eager: true });
const PAIR = /\{ zh: ("(?:[^"\\]|\\.)*"), en: ("(?:[^"\\]|\\.)*") \}/g;
const KEYED = /^\s+"?([\w.:]+)"?: \{ zh: "/gm;
const places = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1]).sort();

describe.each(Object.entries(sources).filter(([, text]) => text.includes("zh:")))("%s", (_path, text) => {
  it("says each thing in both languages, with the same places", () => {
    for (const [, zh, en] of text.matchAll(PAIR)) {
      const [chinese, english] = [JSON.parse(zh!) as string, JSON.parse(en!) as string];
      expect(chinese, english).not.toBe("");
      expect(english, chinese).not.toBe("");
      expect(places(chinese), chinese).toEqual(places(english));
      // A switch to Chinese names the language as its readers do.
      expect(english.replace("中文", ""), "Chinese in an English text").not.toMatch(/[\u4e00-\u9fff]{2,}(?![^〔]*〕)/u);
    }
  });
  it("declares no key twice", () => {
    for (const table of text.split(/export const /)) {
      const keys = [...table.matchAll(KEYED)].map((match) => match[1]);
      expect(keys.filter((key, at) => keys.indexOf(key) !== at)).toEqual([]);
    }
  });
});

it("pages hold no Chinese words of their own", () => {
  const found: string[] = [];
  for (const [path, text] of Object.entries(sources)) {
    if (!path.endsWith(".tsx")) continue;
    text.split("\n").forEach((line, at) => {
      const bare = line.replace(PAIR, "").replace(/\/\/.*$|\/\*.*?\*\/|^\s*\*.*$/g, "");
      // The name of the other language on its own switch.
      if (/[\u4e00-\u9fff]/u.test(bare.replace(/"中文"|"中"/g, ""))) found.push(`${path}:${at + 1} ${line.trim().slice(0, 80)}`);
    });
  }
  expect(found).toEqual([]);
});

it("keeps no text that nobody says", () => {
  const all = Object.entries(sources);
  const unused: string[] = [];
  for (const [path, text] of all) {
    if (!/[tT]exts\.ts$/.test(path)) continue;
    for (const table of text.split(/export const /).slice(1)) {
      const name = /^\w+/.exec(table)?.[0] ?? "";
      // Tables of codes are looked up by what the seat sends.
      const others = all.filter(([other]) => other !== path).map(([, code]) => code).filter((code) => new RegExp(`\\b${name}\\b`).test(code)).join("\n");
      if (new RegExp(`\\b(word|words=\\{|Object\\.(keys|entries))\\(?\\s*${name}\\b|useT\\(${name}\\)\\s*;?[^;]*(kinds|levels)\\b|words=\\{${name}\\}|word\\(${name},|\\((${name})\\)\\.map`).test(others)) continue;
      for (const match of table.matchAll(KEYED)) if (!new RegExp(`["'.]${match[1]!.replace(/\./g, "\\.")}\\b`).test(others)) unused.push(`${path} ${name}.${match[1]}`);
    }
  }
  expect(unused).toEqual([]);
});

it("fills places and leaves unknown ones readable", () => {
  expect(fill("{n} 条，{x}", { n: 3 })).toBe("3 条，{x}");
});
