/** Users of this seat: roles, region scope, disabling. */
import { App, Button, Checkbox, Drawer, Input, Select } from "antd";
import { useState } from "react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { get, patch, post } from "../../api/client";
import type { Page, RightName, Role, User } from "../../api/types";
import { useForm } from "../../shell/FormPage";
import { FaultScope, Field, strayFaults } from "../../shell/form";
import { useLang, useT } from "../../shell/i18n";
import { ActsHead, Chip, TimeText } from "../../shell/pieces";
import { useRegionChoices, useRegionName } from "../../shell/region";
import { useSession } from "../../shell/session";
import { SHELL } from "../../shell/texts";
import { ProblemAlert } from "../../shell/problem";
import { Empty, QueryView } from "../../shell/views";
import { USERS } from "./texts";

interface Roles {
  roles: Role[];
  rights: RightName[];
}

function useRoles(): Roles {
  return useQuery({ queryKey: ["roles"], queryFn: () => get<Roles>("/roles"), staleTime: Number.POSITIVE_INFINITY }).data ?? { roles: [], rights: [] };
}

function UserForm({ user, onDone }: { user: User | null; onDone: (user: User) => void }) {
  const t = useT(USERS);
  const s = useT(SHELL);
  const lang = useLang();
  const { roles, rights } = useRoles();
  const regions = useRegionChoices();
  const { values: form, set, busy, error, faults, submit } = useForm({
    initial: { login: user?.login ?? "", name: user?.name ?? "", roles: user?.roles ?? [], region: user?.region ?? "", password: "", disabled: user?.disabled ?? false, forget: false },
    send: async (values) => {
      const common = { name: values.name.trim(), roles: values.roles };
      onDone(user
        ? await patch<User>(`/users/${user.id}`, { ...common, region: values.region, disabled: values.disabled, ...(values.password ? { password: values.password } : {}), ...(values.forget ? { forget_totp: true } : {}) })
        : await post<User>("/users", { ...common, login: values.login.trim(), region: values.region || null, password: values.password }));
    },
  });
  const { session } = useSession();
  // One's own password and authenticator are changed under My account, which asks for proof.
  const own = user?.login === session?.user.login;
  const given = new Set(roles.filter((role) => form.roles.includes(role.code)).flatMap((role) => role.rights));

  return (
    <form onSubmit={(event) => { event.preventDefault(); submit(); }}>
      <FaultScope faults={faults}>
        <ProblemAlert error={error} faults={strayFaults(faults)} />
        <div className="form-grid">
          <Field must label={t("login")} path="login" hint={user ? undefined : t("loginHint")}>{({ id, status }) => <Input id={id} status={status} disabled={Boolean(user)} value={form.login} maxLength={64} autoComplete="off" onChange={(event) => set({ login: event.target.value })} />}</Field>
          <Field must label={t("name")} path="name">{({ id, status }) => <Input id={id} status={status} value={form.name} maxLength={64} onChange={(event) => set({ name: event.target.value })} />}</Field>
          <Field must label={t("roles")} path="roles">{({ id, status }) => <Select id={id} status={status} mode="multiple" value={form.roles} onChange={(value) => set({ roles: value })} options={roles.map((role) => ({ value: role.code, label: role[lang] }))} />}</Field>
          <Field label={t("region")} path="region">{({ id, status }) => <Select id={id} status={status} allowClear showSearch={{ optionFilterProp: "label" }} placeholder={t("regionAll")} value={form.region || undefined} onChange={(value) => set({ region: value ?? "" })} options={regions} />}</Field>
          {!user?.external && !own && <Field must={!user} label={user ? t("newPassword") : t("password")} path="password" hint={user ? t("passwordHint") : undefined}>{({ id, status }) => <Input.Password id={id} status={status} autoComplete="new-password" value={form.password} maxLength={256} onChange={(event) => set({ password: event.target.value })} />}</Field>}
          {user && <div className="s12"><Checkbox checked={form.disabled} onChange={(event) => set({ disabled: event.target.checked })}>{t("disable")}</Checkbox></div>}
          {user?.totp && !own && <div className="s12"><Checkbox checked={form.forget} onChange={(event) => set({ forget: event.target.checked })}>{t("forgetTotp")}</Checkbox></div>}
        </div>
        <h3 style={{ fontSize: 13, margin: "14px 0 4px" }}>{t("rights")}</h3>
        {given.has("stop.make") && given.has("stop.check") && <p className="note amber">⚠ {t("sameBoth")}</p>}
        {given.size === 0 ? <p className="faint">{t("rightsNone")}</p> : <div className="row-wrap">{rights.filter((right) => given.has(right.code)).map((right) => <Chip key={right.code} title={right.code}>{right[lang]}</Chip>)}</div>}
        <Button style={{ marginTop: 16 }} htmlType="submit" type="primary" loading={busy}>{s("save")}</Button>
      </FaultScope>
    </form>
  );
}

export default function Users() {
  const t = useT(USERS);
  const lang = useLang();
  const client = useQueryClient();
  const { message } = App.useApp();
  const regionName = useRegionName();
  const { roles } = useRoles();
  const [search, setSearch] = useState("");
  const [open, setOpen] = useState<User | "new" | null>(null);
  const query = useQuery({ queryKey: ["users"], queryFn: async () => (await get<Page<User>>("/users")).items });
  return (
    <div className="page">
      <div className="page-head">
        <h1>{t("title")}</h1>
        <Input size="small" style={{ width: 200 }} allowClear aria-label={t("search")} placeholder={t("search")} value={search} onChange={(event) => setSearch(event.target.value)} />
        <span className="spacer" />
        <Button type="primary" size="small" onClick={() => setOpen("new")}>＋ {t("add")}</Button>
      </div>
      <QueryView query={query} right="users.write">
        {(users) => (users.length === 0 ? <Empty title={t("empty")} /> : (
          <div className="sheet-wrap">
            <table className="sheet">
              <thead><tr><th>{t("name")}</th><th>{t("login")}</th><th>{t("roles")}</th><th>{t("region")}</th><th>{t("totp")}</th><th>{t("state")}</th><th>{t("changed")}</th><ActsHead /></tr></thead>
              <tbody>
                {users.filter((user) => `${user.name} ${user.login}`.toLowerCase().includes(search.trim().toLowerCase())).map((user) => (
                  <tr key={user.id}>
                    <td className="strong">{user.name}</td>
                    <td className="mono">{user.login}</td>
                    <td><span className="row-wrap">{user.roles.map((code) => <Chip key={code}>{roles.find((role) => role.code === code)?.[lang] ?? code}</Chip>)}</span></td>
                    <td>{user.region ? regionName(user.region) : t("regionAll")}</td>
                    <td>{user.external ? t("external") : user.totp ? `✓ ${t("totpOn")}` : <span className="faint">{t("totpOff")}</span>}</td>
                    <td>{user.disabled ? <Chip tone="red" sign="✕">{t("disabled")}</Chip> : <Chip tone="green" sign="✓">{t("enabled")}</Chip>}</td>
                    <td><TimeText at={user.changed} /></td>
                    <td className="right"><Button size="small" onClick={() => setOpen(user)} aria-label={`${t("edit")} ${user.name}`}>{t("edit")}</Button></td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        ))}
      </QueryView>
      <Drawer open={open !== null} size={420} title={open === "new" ? t("add") : open?.name} onClose={() => setOpen(null)} destroyOnHidden>
        {open !== null && <UserForm user={open === "new" ? null : open} onDone={(user) => { void message.success(t("saved", { name: user.name })); setOpen(null); void client.invalidateQueries({ queryKey: ["users"] }); }} />}
      </Drawer>
    </div>
  );
}
