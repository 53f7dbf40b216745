/** What the public pages share: the head with large type and language, and a question with its faults. */
import { useId, useState, type ReactNode } from "react";
import type { Fault } from "../api/types";
import { currentLang, setLang, texts, useLang, useT } from "../shell/i18n";
import { faultWords } from "../shell/problem";
import "./public.css";

const FRAME = texts({
  language: { zh: "English", en: "中文" },
  largeType: { zh: "大字", en: "Large type" },
});

export function PublicFrame({ name, children }: { name: string; children: ReactNode }) {
  const t = useT(FRAME);
  const lang = useLang();
  const [large, setLarge] = useState(false);
  return (
    <div className={large ? "public large" : "public"}>
      <header className="public-head">
        <img src="/favicon.svg" alt="" width={34} height={34} />
        <span className="public-name">{name}</span>
        <button type="button" aria-pressed={large} onClick={() => setLarge(!large)}>{t("largeType")}</button>
        <button type="button" lang={lang === "zh" ? "en" : "zh-CN"} onClick={() => setLang(currentLang() === "zh" ? "en" : "zh")}>{t("language")}</button>
      </header>
      <main>{children}</main>
    </div>
  );
}

interface AskProps {
  label: string;
  hint?: string;
  path: string;
  faults: Fault[];
  children: (control: { id: string; "aria-invalid": boolean; "aria-describedby": string | undefined }) => ReactNode;
}

export function Ask({ label, hint, path, faults, children }: AskProps) {
  const id = useId();
  const lang = useLang();
  const here = faults.filter((fault) => fault.field === path);
  return (
    <div className={here.length > 0 ? "ask wrong" : "ask"} data-field={path}>
      <label htmlFor={id}>{label}</label>
      {children({ id, "aria-invalid": here.length > 0, "aria-describedby": here.length > 0 || hint ? `${id}-note` : undefined })}
      <div id={`${id}-note`}>
        {here.map((fault) => <p key={fault.code} className="wrong-words">✕ {faultWords(fault, lang).what}　{faultWords(fault, lang).remedy}</p>)}
        {hint && here.length === 0 && <p className="ask-hint">{hint}</p>}
      </div>
    </div>
  );
}
