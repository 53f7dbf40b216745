/** An administrator without an authenticator: enrols one before anything else. */
import { Button, Input } from "antd";
import { useState } from "react";
import { call, post, Problem } from "../api/client";
import { FaultScope, Field } from "./form";
import { texts, useLang, useT } from "./i18n";
import { ProblemAlert } from "./problem";
import { Secret } from "./Secret";
import { useSession } from "./session";

const ENROL = texts({
  title: { zh: "请先绑定验证器", en: "Enrol an authenticator first" },
  about: { zh: "管理员登录须有第二因素。绑定后，每次用密码登录还须输入验证器上的 6 位数字。", en: "An administrator logs in with a second factor. Once enrolled, each log-in with a password also asks for the 6 digits of your authenticator." },
  current: { zh: "现用密码", en: "Present password" },
  begin: { zh: "取得密钥", en: "Show the key" },
  code: { zh: "6 位数字", en: "6 digits" },
  confirm: { zh: "确认绑定", en: "Confirm" },
  logOut: { zh: "退出", en: "Log out" },
});

export function EnrolPage() {
  const t = useT(ENROL);
  const lang = useLang();
  const { seat, session, retry, logOut } = useSession();
  const [current, setCurrent] = useState("");
  const [secret, setSecret] = useState<{ secret: string; uri: string } | null>(null);
  const [code, setCode] = useState("");
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

  return (
    <main className="door">
      <div className="door-card">
        <h1>{t("title")}</h1>
        <p className="seat">{seat?.name[lang]} · {session?.user.login}</p>
        <p className="muted" style={{ marginBottom: 8 }}>{t("about")}</p>
        <FaultScope faults={error instanceof Problem ? error.faults : []}>
          <ProblemAlert error={error} faults={[]} />
          {secret ? (
            <form onSubmit={(event) => { event.preventDefault(); void run(async () => { await post("/session/totp/confirm", { code: code.trim() }); retry(); }); }}>
              <Secret secret={secret} />
              <Field label={t("code")} path="code">{({ id, status }) => <Input id={id} status={status} autoFocus inputMode="numeric" autoComplete="one-time-code" maxLength={6} value={code} onChange={(event) => setCode(event.target.value)} />}</Field>
              <Button style={{ marginTop: 8 }} htmlType="submit" type="primary" block loading={busy} disabled={code.trim().length !== 6}>{t("confirm")}</Button>
            </form>
          ) : (
            <form onSubmit={(event) => { event.preventDefault(); void run(async () => setSecret(await call("POST", "/session/totp", { body: { password: current }, quiet: true }))); }}>
              <Field label={t("current")} path="password">{({ id, status }) => <Input.Password id={id} status={status} autoFocus autoComplete="current-password" value={current} maxLength={256} onChange={(event) => setCurrent(event.target.value)} />}</Field>
              <Button style={{ marginTop: 8 }} htmlType="submit" type="primary" block loading={busy} disabled={!current}>{t("begin")}</Button>
            </form>
          )}
        </FaultScope>
        <div className="door-foot">
          <button type="button" className="reveal" onClick={() => void logOut()}>{t("logOut")}</button>
        </div>
      </div>
    </main>
  );
}
