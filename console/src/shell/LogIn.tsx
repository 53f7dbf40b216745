/** The door: user name, password, one-time code where the account asks for it, single sign-on where the seat offers it. */
import { Button, Input, Modal } from "antd";
import { useState } from "react";
import { Problem } from "../api/client";
import { Field, FaultScope } from "./form";
import { currentLang, setLang, useLang, useT } from "./i18n";
import { useSession } from "./session";
import { SEAT_WORDS } from "./seats";
import { SHELL } from "./texts";
import { setTheme, useLook } from "./look";
import { ProblemAlert } from "./problem";
import { Loading } from "./views";

/** The seat says with this code that the password was right and a one-time code is missing. */
const TOTP_NEEDED = "login.totp_needed";

function LogInForm({ login: fixed }: { login?: string }) {
  const t = useT(SHELL);
  const { logIn, seat } = useSession();
  const [login, setLogin] = useState(fixed ?? "");
  const [password, setPassword] = useState("");
  const [totp, setTotp] = useState("");
  const [wantsTotp, setWantsTotp] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);

  async function go() {
    setBusy(true);
    setError(null);
    try {
      await logIn(login.trim(), password, totp.trim() || undefined);
    } catch (problem) {
      if (problem instanceof Problem && problem.body.code === TOTP_NEEDED && !wantsTotp) setWantsTotp(true);
      else setError(problem);
    } finally {
      setBusy(false);
    }
  }

  return (
    <form onSubmit={(event) => { event.preventDefault(); void go(); }}>
      <FaultScope faults={error instanceof Problem ? error.faults : []}>
        <ProblemAlert error={error} faults={[]} />
        <Field label={t("login")} path="login">
          {({ id, status }) => <Input id={id} status={status} name="login" autoComplete="username" autoFocus={!fixed} value={login} maxLength={64} onChange={(event) => setLogin(event.target.value)} />}
        </Field>
        <Field label={t("password")} path="password">
          {({ id, status }) => <Input.Password id={id} status={status} name="password" autoComplete="current-password" autoFocus={Boolean(fixed)} value={password} maxLength={256} onChange={(event) => setPassword(event.target.value)} />}
        </Field>
        {wantsTotp && (
          <Field label={t("totp")} path="totp" hint={t("totpAsked")}>
            {({ id, status, describedBy }) => <Input id={id} status={status} aria-describedby={describedBy} autoFocus inputMode="numeric" autoComplete="one-time-code" maxLength={6} value={totp} onChange={(event) => setTotp(event.target.value)} />}
          </Field>
        )}
        <Button htmlType="submit" type="primary" block loading={busy} disabled={!login.trim() || !password}>{t("logIn")}</Button>
        {seat?.oidc && <Button block style={{ marginTop: 8 }} href="/api/oidc/login">{t("oidc")}</Button>}
      </FaultScope>
    </form>
  );
}

export function LogInPage() {
  const t = useT(SHELL);
  const lang = useLang();
  const look = useLook();
  const { seat, seatError } = useSession();
  return (
    <main className="door">
      <div className="door-card">
        <h1><img src="/favicon.svg" alt="" width={30} height={30} />{t("product")} {lang === "zh" ? <span className="faint" style={{ fontSize: 14 }}>Shouhu</span> : null}</h1>
        {seat ? <p className="seat">{seat.name[lang]} · {t(SEAT_WORDS[seat.seat])}</p> : <p className="seat">&nbsp;</p>}
        {seatError ? (
          <div className="problem" role="alert">
            <div className="title">{t("unreachableTitle")}</div>
            {t("unreachableHint")}
          </div>
        ) : seat ? <LogInForm /> : <Loading lines={4} />}
        <div className="door-foot">
          <button type="button" className="reveal" onClick={() => setLang(currentLang() === "zh" ? "en" : "zh")} lang={lang === "zh" ? "en" : "zh-CN"}>{lang === "zh" ? "English" : "中文"}</button>
          {seat?.seat === "centre" && <a href="/public/report">{t("publicPage")}</a>}
          {seat?.seat === "operator" && <a href="/appeal">{t("appealPage")}</a>}
          <button type="button" className="reveal" onClick={() => setTheme(look === "dark" ? "light" : "dark")}>{look === "dark" ? t("themeLight") : t("themeDark")}</button>
        </div>
      </div>
    </main>
  );
}

/** Laid over the page when the session ends while somebody works. */
export function ExpiredSession() {
  const t = useT(SHELL);
  const { expired, session } = useSession();
  return (
    <Modal open={expired} title={t("expiredTitle")} footer={null} closable={false} keyboard={false} mask={{ closable: false }} width={360} destroyOnHidden className="door-modal" afterOpenChange={(open) => open && document.querySelector<HTMLInputElement>(".door-modal input[name=password]")?.focus()}>
      <p className="muted" style={{ marginBottom: 10 }}>{t("expiredText")}</p>
      <LogInForm login={session?.user.login} />
    </Modal>
  );
}
