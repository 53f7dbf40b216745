/** The room: desks of this seat on the left with what waits, scope, clock, search and person at the top. */
import { Button, Dropdown, Modal, Select } from "antd";
import { Fragment, lazy, Suspense, useState, type ReactNode } from "react";
import { useQuery } from "@tanstack/react-query";
import { Link, NavLink, Outlet, useLocation, useNavigate } from "react-router";
import { get } from "../api/client";
import type { DeskCounts, Right, SeatKind } from "../api/types";
import { actsShown } from "./ActBar";
import { formatAge, formatTime } from "./format";
import { currentLang, setLang, useLang, useT } from "./i18n";
import { Icon, type IconName } from "./Icon";
import { useKeys } from "./keys";
import { Announcer, useEventStream, useLive } from "./live";
import { useStuck } from "../both/journal/Stuck";
import { ExpiredSession } from "./LogIn";
import { prefixOf, setRegionScope, useRegionName, useRegions, useRegionScope } from "./region";
import { Search } from "./Search";
import { useSession } from "./session";
import { SEAT_WORDS } from "./seats";
import { SHELL } from "./texts";
import { setTheme, useLook } from "./look";
import { useNow } from "./time";
import { Guard, Loading } from "./views";
import { queuesOf, waitsOf } from "./waits";

const MyAccount = lazy(() => import("./MyAccount"));

interface Desk {
  path: string;
  text: keyof typeof SHELL;
  icon: IconName;
  /** Keys under which the seat counts what waits. */
  count?: (keyof DeskCounts)[];
  hot?: keyof DeskCounts;
  /** Any of these rights opens the desk. */
  /** Queues of the desk that must not be overlooked: shown below it while anything waits in them. */
  queues?: { path: string; text: keyof typeof SHELL; count: keyof DeskCounts; hot?: true }[];
  rights: Right[];
  group: "work" | "record";
}

const CENTRE: Desk[] = [
  { path: "/intake", text: "navIntake", icon: "intake", count: ["drafts", "report_pairs"], queues: [{ path: "/intake?queue=public", text: "navPublic", count: "public_drafts", hot: true }, { path: "/intake/pairs", text: "navPairs", count: "report_pairs" }], rights: ["intake.read", "intake.write"], group: "work" },
  { path: "/stop", text: "navStop", icon: "stop", count: ["review"], hot: "overdue", rights: ["stop.read"], group: "work" },
  { path: "/chase", text: "navChase", icon: "chase", count: ["chase_waiting"], queues: [{ path: "/chase/waiting", text: "navAsking", count: "chase_waiting", hot: true }], rights: ["chase.read"], group: "work" },
  { path: "/lines", text: "navLines", icon: "lines", count: ["line_review"], rights: ["lines.read"], group: "work" },
  { path: "/numbers", text: "navNumbers", icon: "numbers", count: ["number_proposed", "number_review"], rights: ["numbers.read"], group: "work" },
  { path: "/signals", text: "navSignals", icon: "live", rights: ["signals.read"], group: "work" },
  { path: "/story", text: "navStory", icon: "story", rights: ["signals.read", "numbers.read"], group: "work" },
  { path: "/rules", text: "navRules", icon: "rules", rights: ["stop.read", "rules.write"], group: "record" },
  { path: "/journal", text: "navJournal", icon: "journal", rights: ["journal.read"], group: "record" },
  { path: "/partners", text: "navPartners", icon: "partners", count: ["seals_refused"], hot: "seals_refused", rights: ["partners.write", "stop.read"], group: "record" },
  { path: "/users", text: "navUsers", icon: "users", rights: ["users.write"], group: "record" },
];
const BANK: Desk[] = [
  { path: "/orders", text: "navBankOrders", icon: "orders", count: ["orders"], rights: ["bank.orders.read"], group: "work" },
  { path: "/holds", text: "navHolds", icon: "holds", count: ["holds"], hot: "holds_ending", rights: ["bank.holds.read"], group: "work" },
  { path: "/accounts", text: "navAccounts", icon: "accounts", rights: ["bank.holds.read", "bank.admin"], group: "work" },
  { path: "/notices", text: "navNotices", icon: "notices", count: ["notices"], rights: ["bank.report.write"], group: "work" },
  { path: "/journal", text: "navJournal", icon: "journal", rights: ["journal.read"], group: "record" },
  { path: "/partners", text: "navPartners", icon: "partners", count: ["seals_refused"], hot: "seals_refused", rights: ["partners.write", "bank.admin"], group: "record" },
  { path: "/users", text: "navUsers", icon: "users", rights: ["users.write"], group: "record" },
];

const OPERATOR: Desk[] = [
  { path: "/live", text: "navLive", icon: "live", rights: ["operator.live.read"], group: "work" },
  { path: "/list", text: "navNumbers", icon: "numbers", rights: ["operator.lists.read"], group: "work" },
  { path: "/rules", text: "navScreening", icon: "rules", count: ["rules_proposed"], hot: "rules_cut_out", rights: ["operator.rules.write"], group: "work" },
  { path: "/number", text: "navStory", icon: "story", rights: ["operator.live.read"], group: "work" },
  { path: "/appeals", text: "navAppeals", icon: "appeals", count: ["appeals"], rights: ["operator.appeals.decide"], group: "work" },
  { path: "/lines", text: "navCarrierLines", icon: "lines", count: ["line_orders"], hot: "line_orders", rights: ["operator.lines.read"], group: "work" },
  { path: "/senders", text: "navSenders", icon: "senders", rights: ["operator.lists.read"], group: "work" },
  { path: "/journal", text: "navJournal", icon: "journal", rights: ["journal.read"], group: "record" },
  { path: "/partners", text: "navPartners", icon: "partners", rights: ["partners.write"], group: "record" },
  { path: "/users", text: "navUsers", icon: "users", rights: ["users.write"], group: "record" },
];
const DESKS: Record<SeatKind, Desk[]> = { centre: CENTRE, bank: BANK, operator: OPERATOR };

/** The desks that the person may open, in the order of the rail. */
export function useDesks(): Desk[] {
  const { seat, may } = useSession();
  return (seat ? DESKS[seat.seat] : []).filter((desk) => desk.rights.some(may));
}

function Clock() {
  const t = useT(SHELL);
  const now = useNow();
  return (
    <span className="clock" title={`${t("zoneFull", { time: formatTime(now, "full") })} · ${t("serverClock")}`}>
      {formatTime(now, "full").slice(5)}
      <small>{t("zone")}</small>
    </span>
  );
}

function ConnectionLost() {
  const t = useT(SHELL);
  const lang = useLang();
  const live = useLive();
  useNow();
  if (live.state !== "lost") return null;
  return (
    <div className="lost" role="alert">
      <span aria-hidden="true">⚠</span>
      {t("lost")} · {t("lostAge", { age: formatAge(Date.now() - live.heardAt, lang) })}
    </div>
  );
}

function LiveSign() {
  const t = useT(SHELL);
  const live = useLive();
  const look = live.state === "live" ? ["●", "var(--green)", t("liveOn")] : live.state === "lost" ? ["▲", "var(--red)", t("lost")] : ["◌", "var(--ink-3)", t("connecting")];
  return <span title={look[2]} className="nowrap" style={{ color: look[1], fontSize: 12 }}><span aria-hidden="true">{look[0]}</span> <span className={live.state === "live" ? "live-word" : "visually-hidden"}>{look[2]}</span></span>;
}

/** How much waits; nothing where nothing does. */
function Count({ n, hot }: { n: number; hot?: boolean }) {
  const t = useT(SHELL);
  if (n === 0) return null;
  return <span className={hot ? "count hot" : "count"} title={t("waitingCount", { n })}>{n > 999 ? "999+" : n}</span>;
}

function RegionSelect() {
  const t = useT(SHELL);
  const { session } = useSession();
  const scope = useRegionScope();
  const regions = useRegions();
  const nameOf = useRegionName();
  const own = session?.user.region ?? "";
  const lang = useLang();
  const inside = regions.filter((region) => region.level !== "province" && !region.successor && region.code.startsWith(own) && prefixOf(region.code) !== own);
  return (
    <Select
      className="region"
      size="small"
      style={{ width: 132 }}
      aria-label={t("regionLabel")}
      showSearch={{ optionFilterProp: "label" }}
      popupMatchSelectWidth={220}
      value={scope}
      onChange={setRegionScope}
      options={[{ value: "", label: own ? nameOf(own) : t("regionAll") }, ...inside.map((region) => ({ value: region.code, label: `${region.level === "county" ? "\u3000" : ""}${region.name[lang]}` }))]}
    />
  );
}

function KeyHelp({ open, onClose }: { open: boolean; onClose: () => void }) {
  const t = useT(SHELL);
  const rows: [ReactNode, string][] = [
    [<><kbd>j</kbd> <kbd>k</kbd></>, t("keyNextPrevious")],
    [<kbd key="e">↵</kbd>, t("keyOpen")],
    [<kbd key="s">/</kbd>, t("keySearchQueue")],
    [<><kbd>Ctrl</kbd> <kbd>K</kbd></>, t("keySearch")],
    [<><kbd>Ctrl</kbd> <kbd>↵</kbd></>, t("keyConfirm")],
    [<kbd key="x">Esc</kbd>, t("keyLeave")],
    [<><kbd>Alt</kbd> <kbd>1</kbd>…<kbd>9</kbd></>, t("keyGo")],
    [<kbd key="q">?</kbd>, t("keyHelp")],
  ];
  const acts = open ? actsShown().filter((act) => act.hotkey) : [];
  return (
    <Modal open={open} onCancel={onClose} footer={null} title={t("keysHelp")} width={420}>
      <div className="keys">{rows.map(([keys, words]) => [<span key={`${words}k`}>{keys}</span>, <span key={words}>{words}</span>])}</div>
      {acts.length > 0 && (
        <>
          <h3 style={{ fontSize: 13, margin: "14px 0 6px" }}>{t("keysHere")}</h3>
          <div className="keys">{acts.map((act) => [<kbd key={`${act.key}k`}>{act.hotkey?.toUpperCase()}</kbd>, <span key={act.key}>{act.label}</span>])}</div>
        </>
      )}
    </Modal>
  );
}

export function Frame() {
  const t = useT(SHELL);
  const lang = useLang();
  const look = useLook();
  const go = useNavigate();
  const { pathname, search } = useLocation();
  const { seat, session, logOut } = useSession();
  const desks = useDesks();
  const [searching, setSearching] = useState(false);
  const [helping, setHelping] = useState(false);
  const [mine, setMine] = useState(false);
  const [menuOpen, setMenuOpen] = useState(false);
  const counts = useQuery({ queryKey: ["desk-counts"], queryFn: () => get<DeskCounts>("/desk-counts"), refetchInterval: 60_000 }).data ?? {};
  const stuck = useStuck().data?.items.length ?? 0;
  useEventStream(Boolean(session), (n) => t("arrived", { n }));

  const table: Record<string, () => void> = { "Ctrl-k": () => setSearching(true), "?": () => setHelping(true) };
  desks.forEach((desk, index) => {
    table[`Alt-${index + 1}`] = () => void go(desk.path);
  });
  useKeys(table);

  return (
    <div className={`frame lang-${lang}`}>
      <a className="visually-hidden" href="#content">{t("skip")}</a>
      {menuOpen && <button type="button" className="rail-shade" aria-label={t("closeMenu")} onClick={() => setMenuOpen(false)} />}
      <aside className={menuOpen ? "rail open" : "rail"} aria-label={t("desks")}>
        <div className="rail-brand"><img src="/favicon.svg" alt="" />{t("product")}{lang === "zh" && <small style={{ opacity: .7, fontWeight: 400 }}>Shouhu</small>}</div>
        <div className="rail-seat">{seat?.name[lang]}<br />{seat && t(SEAT_WORDS[seat.seat])}</div>
        <nav aria-label={t("desks")}>
          {(["work", "record"] as const).map((group) => {
            const here = desks.filter((desk) => desk.group === group);
            return here.length === 0 ? null : (
              <div key={group}>
                <div className="rail-group">{group === "work" ? t("groupWork") : t("groupRecord")}</div>
                {here.map((desk) => {
                  const stuckHere = desk.path === "/journal" ? stuck : 0;
                  const { n, hot } = waitsOf(desk, counts, stuckHere);
                  return (
                    <Fragment key={desk.path}>
                    <NavLink to={desk.path} className={pathname === desk.path || pathname.startsWith(`${desk.path}/`) ? "here" : ""} onClick={() => setMenuOpen(false)}>
                      <Icon name={desk.icon} />
                      {t(desk.text)}
                      <Count n={n} hot={hot} />
                    </NavLink>
                    {queuesOf(desk, counts).map((queue) => (
                      <Link key={queue.path} to={queue.path} className={`rail-queue ${`${pathname}${search}` === queue.path ? "here" : ""}`} aria-current={`${pathname}${search}` === queue.path ? "page" : undefined} onClick={() => setMenuOpen(false)}>
                        {t(queue.text)}
                        <Count n={queue.n} hot={queue.hot} />
                      </Link>
                    ))}
                    </Fragment>
                  );
                })}
              </div>
            );
          })}
        </nav>
        <div className="rail-foot">{seat?.id} · v{seat?.version}</div>
      </aside>
      <header className="top">
        <Button className="only-narrow" size="small" aria-label={t("menu")} aria-expanded={menuOpen} onClick={() => setMenuOpen(!menuOpen)}><Icon name="menu" size={16} /></Button>
        {seat?.seat === "centre" && <RegionSelect />}
        <button type="button" className="top-search" onClick={() => setSearching(true)}>
          <Icon name="search" size={16} />
          <span className="ellipsis">{t("search")}</span>
          <kbd aria-hidden="true">Ctrl K</kbd>
        </button>
        <span className="grow" />
        <LiveSign />
        <Clock />
        <Button size="small" type="text" aria-label={t("language")} onClick={() => setLang(currentLang() === "zh" ? "en" : "zh")}>{lang === "zh" ? "EN" : "中"}</Button>
        <Button size="small" type="text" aria-label={`${t("theme")}: ${look === "dark" ? t("themeDark") : t("themeLight")}`} title={t("theme")} onClick={() => setTheme(look === "dark" ? "light" : "dark")}><Icon name={look === "dark" ? "moon" : "sun"} size={16} /></Button>
        <Button className="only-wide" size="small" type="text" aria-label={t("keysHelp")} title={t("keysHelp")} onClick={() => setHelping(true)}>?</Button>
        <Dropdown
          trigger={["click"]}
          menu={{
            items: [
              { key: "who", disabled: true, label: <span>{session?.user.login}<br /><span className="faint">{session?.user.roles.join(" · ")}</span></span> },
              { type: "divider" },
              { key: "mine", label: t("myAccount"), onClick: () => setMine(true) },
              { key: "system", label: t("themeSystem"), onClick: () => setTheme("system") },
              { key: "out", label: t("logOut"), onClick: () => void logOut() },
            ],
          }}
        >
          <Button size="small" className="top-me">{session?.user.name} <span aria-hidden="true">▾</span></Button>
        </Dropdown>
      </header>
      <main className="main" id="content">
        <ConnectionLost />
        <Guard key={pathname.split("/")[1]}>
          <Suspense fallback={<Loading lines={10} />}>
            <Outlet />
          </Suspense>
        </Guard>
      </main>
      <Search open={searching} onClose={() => setSearching(false)} />
      <KeyHelp open={helping} onClose={() => setHelping(false)} />
      {mine && <Suspense><MyAccount onClose={() => setMine(false)} /></Suspense>}
      <ExpiredSession />
      <Announcer />
    </div>
  );
}
