/** One's own account: the password, and the authenticator that each log-in then asks for. */
import { App, Button, Input, Modal } from "antd";
import { useState } from "react";
import { type Acts, call, post, Problem } from "../api/client";
import { FaultScope, Field } from "./form";
import { texts, useT } from "./i18n";
import { ProblemAlert } from "./problem";
import { Secret } from "./Secret";

const MINE = texts({
  title: { zh: "我的账号", en: "My account" },
  password: { zh: "修改密码", en: "Change password" },
  current: { zh: "现用密码", en: "Present password" },
  next: { zh: "新密码（12–128 个字符）", en: "New password (12 to 128 characters)" },
  change: { zh: "修改", en: "Change" },
  changed: { zh: "密码已修改，其他已登录的会话已退出", en: "Password changed; your other sessions have ended" },
  totp: { zh: "动态口令", en: "One-time code" },
  totpAbout: { zh: "绑定后，每次用密码登录还须输入验证器上的 6 位数字。", en: "Once enrolled, each log-in with a password also asks for the 6 digits of your authenticator." },
  enrol: { zh: "绑定验证器", en: "Enrol an authenticator" },
  old: { zh: "现用动态口令（已绑定者须填）", en: "Code of your present authenticator, if you have one" },
  code: { zh: "6 位数字", en: "6 digits" },
  confirm: { zh: "确认绑定", en: "Confirm" },
  enrolled: { zh: "已绑定，下次登录起生效", en: "Enrolled; asked for from the next log-in on" },
  forget: { zh: "解除绑定", en: "Forget it" },
  forgotten: { zh: "已解除绑定", en: "Forgotten" },
  proof: { zh: "请先输入现用密码", en: "Your present password first" },
});

export default function MyAccount({ onClose }: { onClose: () => void }) {
  const t = useT(MINE);
  const { message } = App.useApp();
  const [current, setCurrent] = useState("");
  const [next, setNext] = useState("");
  const [secret, setSecret] = useState<{ secret: string; uri: string } | null>(null);
  const [code, setCode] = useState("");
  const [old, setOld] = useState("");
  const proof = { password: current, ...(old.trim() ? { code: old.trim() } : {}) };
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);

  async function run(act: () => Promise<void>) {
    setBusy(true);
    setError(null);
    try {
      await act();
    } catch (problem) {
      setError(problem);
    } finally {
      setBusy(false);
    }
  }
  // A wrong password here is answered with 401 too; it does not end the session.
  const quietly = (method: "POST" | "DELETE", path: Acts, body: unknown) => call(method, path, { body, quiet: true });

  return (
    <Modal open title={t("title")} footer={null} onCancel={onClose} width={420} destroyOnHidden>
      <FaultScope faults={error instanceof Problem ? error.faults : []}>
        <ProblemAlert error={error} faults={[]} />
        <Field label={t("current")} path="current" must>{({ id, status }) => <Input.Password id={id} status={status} autoComplete="current-password" value={current} maxLength={256} onChange={(event) => setCurrent(event.target.value)} />}</Field>
        <h3 style={{ fontSize: 13, margin: "14px 0 4px" }}>{t("password")}</h3>
        <Field label={t("next")} path="new">{({ id, status }) => <Input.Password id={id} status={status} autoComplete="new-password" value={next} maxLength={128} onChange={(event) => setNext(event.target.value)} />}</Field>
        <Button style={{ marginTop: 8 }} loading={busy} disabled={!current || !next} onClick={() => void run(async () => {
          await quietly("POST", "/session/password", { current, new: next });
          void message.success(t("changed"));
          setCurrent("");
          setNext("");
        })}>{t("change")}</Button>
        <h3 style={{ fontSize: 13, margin: "18px 0 4px" }}>{t("totp")}</h3>
        {secret ? (
          <>
            <Secret secret={secret} />
            <Field label={t("code")} path="code">{({ id, status }) => <Input id={id} status={status} inputMode="numeric" autoComplete="one-time-code" maxLength={6} value={code} onChange={(event) => setCode(event.target.value)} />}</Field>
            <Button style={{ marginTop: 8 }} type="primary" loading={busy} disabled={code.trim().length !== 6} onClick={() => void run(async () => {
              await post("/session/totp/confirm", { code: code.trim() });
              void message.success(t("enrolled"));
              onClose();
            })}>{t("confirm")}</Button>
          </>
        ) : (
          <>
            <p className="muted" style={{ marginBottom: 8 }}>{t("totpAbout")} {!current && t("proof")}</p>
            <Field label={t("old")} path="code">{({ id, status }) => <Input id={id} status={status} inputMode="numeric" autoComplete="one-time-code" maxLength={6} value={old} onChange={(event) => setOld(event.target.value)} />}</Field>
            <div className="row" style={{ marginTop: 8 }}>
              <Button loading={busy} disabled={!current} onClick={() => void run(async () => setSecret(await quietly("POST", "/session/totp", proof) as { secret: string; uri: string }))}>{t("enrol")}</Button>
              <Button loading={busy} disabled={!current} onClick={() => void run(async () => {
                await quietly("DELETE", "/session/totp", proof);
                void message.success(t("forgotten"));
              })}>{t("forget")}</Button>
            </div>
          </>
        )}
      </FaultScope>
    </Modal>
  );
}
