/** The secret of an authenticator: to be scanned, or typed. */
import { QRCode } from "antd";
import { texts, useT } from "./i18n";

const SECRET = texts({
  scan: { zh: "用验证器扫描，或手工输入密钥；再填入显示的 6 位数字。", en: "Scan this with your authenticator or type the key; then enter the 6 digits it shows." },
  key: { zh: "密钥", en: "Key" },
});

export function Secret({ secret }: { secret: { secret: string; uri: string } }) {
  const t = useT(SECRET);
  return (
    <>
      <p className="muted" style={{ marginBottom: 8 }}>{t("scan")}</p>
      <QRCode value={secret.uri} size={168} type="svg" color="#000000" bgColor="#ffffff" />
      <p style={{ margin: "6px 0", overflowWrap: "anywhere" }}><span className="faint">{t("key")}</span> <span className="mono">{secret.secret.replace(/(.{4})(?=.)/g, "$1 ")}</span></p>
    </>
  );
}
