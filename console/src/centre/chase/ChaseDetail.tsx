/** One chase: what was received, stopped, lost for good, still moving; the flow by levels, and the same as a table. */
import { App, Button, Checkbox, Select } from "antd";
import { lazy, Suspense, useEffect, useMemo, useRef, useState } from "react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { get, post } from "../../api/client";
import type { Chase, ChaseAccount, Money, OrderRow, Page } from "../../api/types";
import { ActBar, ReasonForm, type Act } from "../../shell/ActBar";
import { formatAccount, formatMinor, formatMoney, magnitude } from "../../shell/format";
import { useLang, useT, useWord } from "../../shell/i18n";
import { useMoved } from "../../shell/moved";
import { usePartners } from "../../shell/partners";
import { useSession } from "../../shell/session";
import { AccountText, Chip, downloadCsv, LevelMark, MoneyText, TimeText, type Tone } from "../../shell/pieces";
import { ProblemAlert } from "../../shell/problem";
import { useRegionName } from "../../shell/region";
import { usePhone } from "../../shell/phone";
import { SubjectLink } from "../../shell/SubjectLink";
import { Guard, Loading, QueryView } from "../../shell/views";
import { ASKING_LISTS } from "./Asking";
import { OrderMore } from "./OrderMore";
import { levelsOf, lookOf, type Look } from "./levels";
import { ACCOUNT_STATES, CHASE, CHASE_STATES } from "./texts";
import "./chase.css";

const FlowGraph = lazy(() => import("./FlowGraph"));

const LOOKS: Record<Look, { sign: string; tone: Tone }> = {
  victim: { sign: "◆", tone: "" }, moving: { sign: "●", tone: "amber" }, stopped: { sign: "■", tone: "green" }, passed: { sign: "›", tone: "" }, out: { sign: "▲", tone: "red" }, more: { sign: "+", tone: "accent" },
};

export function ChaseDetail({ id }: { id: string }) {
  const query = useQuery({ queryKey: ["chases", id], queryFn: () => get<Chase>(`/chases/${id}`) });
  return <QueryView query={query} right="chase.read">{(chase) => <Shown key={id} chase={chase} />}</QueryView>;
}

function Sum({ label, money, whole, tone, note }: { label: string; money: Money; whole: Money; tone?: string; note?: string }) {
  const t = useT(CHASE);
  const lang = useLang();
  const share = whole.minor > 0 ? Math.round((money.minor / whole.minor) * 100) : 0;
  return (
    <div className={money.minor === 0 ? undefined : tone}>
      <dt>{label}{note && <span className="faint">{note}</span>}</dt>
      <dd>{magnitude(money, lang) ? <span title={formatMinor(money.minor, money.currency)}><MoneyText bare money={money} /></span> : <MoneyText bare money={money} />}<small>{tone ? t("share", { n: share }) : magnitude(money, lang)}</small></dd>
    </div>
  );
}

/** Received money split into stopped, passed on, out of reach and still there. */
function Split({ account }: { account: ChaseAccount }) {
  const whole = Math.max(1, account.received.minor);
  const part = (minor: number) => `${Math.min(100, (minor / whole) * 100)}%`;
  return (
    <span className="split" aria-hidden="true">
      <i style={{ width: part(account.stopped.minor), background: "var(--green)" }} />
      <i style={{ width: part(account.passed_on.minor), background: "var(--line-2)" }} />
      <i style={{ width: part(account.out_of_reach.minor), background: "var(--red)" }} />
    </span>
  );
}

/** The order holds what the victim's money left there, or the whole account where the officer says so. */
function StopPanel({ chase, account, leave }: { chase: Chase; account: ChaseAccount; leave: () => void }) {
  const t = useT(CHASE);
  const client = useQueryClient();
  const { message } = App.useApp();
  const { nameOf } = usePartners();
  const [whole, setWhole] = useState(false);
  return (
    <ReasonForm
      title={`${t("stopAccount")} ${nameOf(account.bank, account.bank_name)} ${formatAccount(account.account)}`} hint={t("stopHint")} confirm={t("stopAccount")} suggestions={[t("stopReason")]} leave={leave}
      onDone={() => void client.invalidateQueries({ queryKey: ["chases"] })}
      submit={async (reason, key) => {
        await post<{ id: string }>(`/chases/${chase.case_id}/stop-account`, { account: account.key, whole_account: whole, reason }, key);
        void message.success(t("made"));
      }}
    >
      <div className="s12"><Checkbox checked={whole} onChange={(event) => setWhole(event.target.checked)}>{t("wholeAccount")}</Checkbox></div>
    </ReasonForm>
  );
}

/** The levels as a list: a phone has no room for the words of the graph. A tap shows the accounts of the level below. */
function Levels({ chase, level, onFilter }: { chase: Chase; level: number | null; onFilter: (level: number | null) => void }) {
  const t = useT(CHASE);
  const rows = levelsOf(chase.accounts_found);
  const money = (minor: number) => <MoneyText bare money={{ minor, currency: chase.reported.currency }} />;
  return (
    <table className="sheet chase-levels" aria-label={t("graph")}>
      <thead><tr><th>{t("level")}</th><th className="num">{t("table")}</th><th className="num">{t("received")}</th><th className="num">{t("stopped")}</th><th className="num">{t("outOfReach")}</th></tr></thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.level} className={row.level === level ? "here" : ""}>
            <td><button type="button" className="reveal" aria-pressed={row.level === level} onClick={() => onFilter(row.level === level ? null : row.level)}><LevelMark level={row.level} /></button></td>
            <td className="num">{row.accounts}</td><td className="num">{money(row.received)}</td><td className="num">{money(row.stopped)}</td><td className="num">{money(row.outOfReach)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Shown({ chase }: { chase: Chase }) {
  const t = useT(CHASE);
  const lang = useLang();
  const word = useWord();
  const client = useQueryClient();
  const { may } = useSession();
  const { nameOf } = usePartners();
  const regionName = useRegionName();
  const phone = usePhone();
  const [selected, setSelected] = useState<string | null>(null);
  const [level, setLevel] = useState<number | null>(null);
  const [opened, setOpened] = useState<ReadonlySet<number>>(new Set());
  const table = useRef<HTMLDivElement>(null);
  const account = chase.accounts_found.find((one) => one.key === selected) ?? null;
  const levels = useMemo(() => [...new Set(chase.accounts_found.map((one) => one.level))].filter((one) => one > 0).sort((a, b) => a - b), [chase]);
  const orders = useQuery({ queryKey: ["orders", { case: chase.case_id }], queryFn: async () => (await get<Page<OrderRow>>("/orders", { case: chase.case_id, limit: 500 })).items, staleTime: 10_000 }).data;
  const numbers = useMemo(() => new Map((orders ?? []).map((order) => [order.id, order.number])), [orders]);
  const rows = useMemo(() => chase.accounts_found.filter((one) => one.level > 0 && (level === null || one.level === level)).sort((a, b) => a.level - b.level || b.received.minor - a.received.minor), [chase, level]);

  useEffect(() => {
    table.current?.querySelector("tr.here")?.scrollIntoView({ block: "nearest" });
  }, [selected]);

  const renew = () => void client.invalidateQueries({ queryKey: ["chases"] });
  const { moved, renew: renewAll, run } = useMoved(ASKING_LISTS);
  const acts: Act[] = [];
  if (may("chase.act")) {
    acts.push({
      key: "stop", label: t("stopAccount"), hotkey: "s", tone: "primary", disabled: account ? (account.may_stop ? undefined : t("nothingToStop")) : t("pickFirst"),
      panel: (leave) => account && <StopPanel chase={chase} account={account} leave={leave} />,
    });
  }
  if (chase.may_order_more) {
    acts.push({
      key: "order-more", label: t("orderMore"), hotkey: "m",
      panel: (leave) => <OrderMore caseId={chase.case_id} run={run} leave={leave} onDone={renewAll} />,
    });
  }
  for (const [act, allowed] of [["pause", chase.may_pause], ["resume", chase.may_resume]] as const) {
    if (!allowed) continue;
    acts.push({
      key: act, label: t(act), hotkey: "p",
      panel: (leave) => <ReasonForm title={t(act)} hint={act === "pause" ? t("pauseHint") : undefined} confirm={t(act)} leave={leave} onDone={renew} submit={async (reason, key) => { await post(`/chases/${chase.case_id}/${act}`, { reason }, key); }} />,
    });
  }

  function exportTable() {
    downloadCsv(`${chase.case_number}.csv`, [t("level"), t("bank"), t("account"), t("received"), t("passedOn"), t("stopped"), t("held"), t("outOfReach"), t("state")],
      rows.map((one) => [one.level, nameOf(one.bank, one.bank_name), one.account, formatMinor(one.received.minor, one.received.currency), formatMinor(one.passed_on.minor, one.passed_on.currency), formatMinor(one.stopped.minor, one.stopped.currency), formatMinor(one.held.minor, one.held.currency), formatMinor(one.out_of_reach.minor, one.out_of_reach.currency), word(ACCOUNT_STATES, one.state)]));
  }
  const whole = Math.max(1, chase.reported.minor);
  return (
    <>
      <div className="detail-head" style={{ borderBottom: 0 }}>
        <div className="grow">
          <h2>{chase.case_number} <Chip tone={chase.state === "paused" ? "amber" : chase.open.minor > 0 ? "accent" : ""} sign={chase.state === "paused" ? "■" : "›"}>{word(CHASE_STATES, chase.state)}</Chip></h2>
          <div className="sub">{t("rowLevels", { levels: chase.levels, accounts: chase.accounts })} · {t("started")} <TimeText at={chase.started_at} /> {regionName(chase.region)}</div>
        </div>
      </div>
      <ProblemAlert error={moved} />
      {chase.waiting.length > 0 && (
        <div className="note amber" style={{ margin: "0 16px 10px" }}>
          <strong>{t("waiting")}</strong>
          <ul>{chase.waiting.map((wait) => <li key={`${wait.kind}/${wait.key}`}>{lang === "zh" ? wait.words.zh : wait.words.en} <span className="muted">{lang === "zh" ? wait.words.zh_remedy : wait.words.en_remedy}</span></li>)}</ul>
        </div>
      )}
      <dl className="sums">
        <Sum label={t("lost")} money={chase.reported} whole={chase.reported} />
        <Sum tone="stopped" label={t("stopped")} note={t("noteStopped")} money={chase.stopped} whole={chase.reported} />
        <Sum tone="out" label={t("exited")} note={t("noteOut")} money={chase.exited} whole={chase.reported} />
        <Sum tone="moving" label={chase.state === "dry" ? t("notHeld") : t("moving")} note={chase.state === "dry" ? t("noteNotHeld") : t("noteMoving")} money={chase.open} whole={chase.reported} />
      </dl>
      <div className="sum-bar" aria-hidden="true">
        <i style={{ width: `${(chase.stopped.minor / whole) * 100}%`, background: "var(--green)" }} />
        <i style={{ width: `${(chase.exited.minor / whole) * 100}%`, background: "var(--red)" }} />
        <i style={{ width: `${(chase.open.minor / whole) * 100}%`, background: "var(--amber)" }} />
      </div>
      <div className="chase-body">
        {phone && <Levels chase={chase} level={level} onFilter={setLevel} />}
        {!phone && <div className="flow-part">
          <Guard>
            <Suspense fallback={<Loading lines={6} />}>
              {chase.accounts_found.length > 0 && <FlowGraph chase={chase} selected={selected} onSelect={setSelected} onFilter={setLevel} opened={opened} onOpen={(one) => setOpened(new Set([...opened, one]))} />}
            </Suspense>
          </Guard>
          <div className="flow-legend">
            <span><b style={{ color: "var(--amber)" }}>●</b> {t("legendMoving")}</span>
            <span><b style={{ color: "var(--green)" }}>■</b> {t("legendStopped")}</span>
            <span><b>›</b> {t("legendPassed")}</span>
            <span><b style={{ color: "var(--red)" }}>▲</b> {t("legendOut")}</span>
            {opened.size > 0 && <button type="button" className="reveal" style={{ pointerEvents: "auto" }} onClick={() => { setOpened(new Set()); setLevel(null); }}>{t("gather")}</button>}
          </div>
        </div>}
        <section className="account-table" aria-label={t("table")}>
          <div className="bar">
            <Select size="small" aria-label={t("levelFilter")} style={{ width: 120 }} value={level ?? 0} onChange={(value) => setLevel(value === 0 ? null : value)} options={[{ value: 0, label: t("allLevels") }, ...levels.map((one) => ({ value: one, label: t("levelHead", { n: one }) }))]} />
            <span className="faint grow">{t("showing", { n: rows.length, all: chase.accounts_found.length })}</span>
            {selected && <button type="button" className="reveal" onClick={() => setSelected(null)}>{t("clear")}</button>}
            <Button size="small" onClick={exportTable}>{t("exportCsv")}</Button>
          </div>
          <div className="scroll" ref={table} tabIndex={0}>
            {rows.length === 0 ? <p className="faint" style={{ padding: 12 }}>{t("noAccounts")}</p> : (
              <table className="sheet">
                <thead><tr><th>{t("level")}</th><th>{t("account")}</th><th className="num">{t("received")}</th><th className="num">{t("passedOn")}</th><th className="num" title={t("stoppedHint")}>{t("stopped")}</th><th className="num" title={t("heldHint")}>{t("held")}</th><th className="num">{t("outOfReach")}</th><th>{t("state")}</th><th>{t("orders")}</th></tr></thead>
                <tbody>
                  {rows.slice(0, 400).map((one) => (
                    <tr key={one.key} data-go className={one.key === selected ? "here" : ""} onClick={() => setSelected(one.key)}>
                      <td><LevelMark level={one.level} /></td>
                      <td><button type="button" className="reveal" style={{ fontSize: 13 }} aria-pressed={one.key === selected} onClick={(event) => { event.stopPropagation(); setSelected(one.key); }}><AccountText value={one.account} /></button> <span>{one.name}</span><br /><span className="muted">{nameOf(one.bank, one.bank_name)}</span></td>
                      <td className="num"><MoneyText bare money={one.received} /><br /><Split account={one} /></td>
                      <td className="num">{one.passed_on.minor ? <MoneyText bare money={one.passed_on} /> : <span className="faint">—</span>}</td>
                      <td className="num">{one.stopped.minor ? <MoneyText bare money={one.stopped} /> : <span className="faint">—</span>}</td>
                      <td className="num">{one.held.minor ? <span style={one.held.minor > one.stopped.minor ? { color: "var(--amber)" } : undefined} title={one.held.minor > one.stopped.minor ? t("heldBeyond", { sum: formatMoney({ ...one.held, minor: one.held.minor - one.stopped.minor }) }) : undefined}><MoneyText bare money={one.held} />{one.held.minor > one.stopped.minor && <><br /><small>{t("beyond", { sum: formatMinor(one.held.minor - one.stopped.minor, one.held.currency) })}</small></>}</span> : <span className="faint">—</span>}</td>
                      <td className="num">{one.out_of_reach.minor ? <MoneyText bare money={one.out_of_reach} /> : <span className="faint">—</span>}</td>
                      <td><Chip tone={LOOKS[lookOf(one)].tone} sign={LOOKS[lookOf(one)].sign}>{word(ACCOUNT_STATES, one.state)}</Chip></td>
                      <td>{one.orders.length === 0 ? <span className="faint">—</span> : <>{one.orders.slice(0, 3).map((id) => <div key={id}><SubjectLink kind="order" id={id}>{numbers.get(id) ?? "↗"}</SubjectLink></div>)}{one.orders.length > 3 && <span className="faint">{t("moreOrders", { n: one.orders.length - 3 })}</span>}</>}</td>
                    </tr>
                  ))}
                </tbody>
              </table>
            )}
          </div>
        </section>
      </div>
      <ActBar acts={acts} scope={`${chase.case_number}/${selected ?? ""}`} extra={account && <span className="muted">{t("selected")}: {nameOf(account.bank, account.bank_name)} <AccountText value={account.account} /></span>} />
    </>
  );
}
