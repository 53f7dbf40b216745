/** The sealed text of an order or answer: what was signed, by which key, and the raw document on a stated purpose. */
import { App, Button, Segmented } from "antd";
import { useState } from "react";
import { texts, useT } from "./i18n";
import { Reveal } from "./Reveal";

const SEALED = texts({
  header: { zh: "签章头", en: "Header" },
  payload: { zh: "载荷", en: "Payload" },
  raw: { zh: "原文", en: "Raw" },
  signedWith: { zh: "密钥 {kid} · {alg}", en: "Key {kid} · {alg}" },
  masked: { zh: "账号与户名已遮蔽", en: "Account and name are masked" },
  rawHint: { zh: "原文含完整账号与户名，查看须注明目的并记入日志。", en: "The raw text holds the full account and name; state a purpose to see it." },
  hash: { zh: "SHA-256", en: "SHA-256" },
  copyHash: { zh: "复制校验值", en: "Copy hash" },
  copied: { zh: "已复制", en: "Copied" },
});

interface SealedProps {
  subject: string;
  header: Record<string, unknown>;
  payload: unknown;
  sha256: string;
}

export function Sealed({ subject, header, payload, sha256 }: SealedProps) {
  const t = useT(SEALED);
  const { message } = App.useApp();
  const [part, setPart] = useState<"payload" | "header" | "raw">("payload");
  return (
    <div className="sealed">
      <div className="row" style={{ marginBottom: 6, flexWrap: "wrap" }}>
        <span className="faint">{t("signedWith", { kid: String(header.kid ?? "—"), alg: String(header.alg ?? "—") })}{part === "payload" && ` · ${t("masked")}`}</span>
        <span className="grow" />
        <Segmented<"payload" | "header" | "raw"> size="small" value={part} onChange={(value) => setPart(value)} options={[{ value: "payload", label: t("payload") }, { value: "header", label: t("header") }, { value: "raw", label: t("raw") }]} />
      </div>
      {part === "raw" ? (
        <div className="mono" style={{ overflowWrap: "anywhere" }}><Reveal subject={subject} field="sealed"><span className="faint" style={{ fontFamily: "var(--sans)" }}>{t("rawHint")}</span></Reveal></div>
      ) : <pre tabIndex={0}>{JSON.stringify(part === "header" ? header : payload, null, 2)}</pre>}
      <div className="row" style={{ marginTop: 6 }}>
        <span className="faint mono ellipsis">{t("hash")} {sha256}</span>
        <Button size="small" onClick={() => void navigator.clipboard?.writeText(sha256).then(() => message.success(t("copied")))}>{t("copyHash")}</Button>
      </div>
    </div>
  );
}
