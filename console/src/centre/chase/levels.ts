/** The chase as a picture: levels from left to right, big levels gathered into one node. Pure. */
import type { Chase, ChaseAccount, ChaseTransfer } from "../../api/types";

/** A level shows so many accounts; the rest is gathered. */
export const SHOWN_PER_LEVEL = 10;
/** An opened level shows at most so many. */
export const OPENED_PER_LEVEL = 60;

export type Look = "victim" | "moving" | "stopped" | "passed" | "out" | "more";

export interface PictureNode {
  id: string;
  column: number;
  /** Place in its column, 0 at the top. */
  row: number;
  /** How many rows the column has. */
  rows: number;
  look: Look;
  /** Minor units that came in. */
  minor: number;
  account?: ChaseAccount;
  exit?: string;
  /** How many accounts a gathered node stands for. */
  count?: number;
  level?: number;
}
export interface PictureEdge {
  from: string;
  to: string;
  minor: number;
}
export interface Picture {
  nodes: PictureNode[];
  edges: PictureEdge[];
  columns: { column: number; level: number | null }[];
  minorMax: number;
}

export const VICTIM = "victim";

/** What an account mostly is: money that is neither held nor gone comes first, for it can still be stopped. */
export function lookOf(account: ChaseAccount): Look {
  if (account.level === 0) return "victim";
  const lost = ["refused", "released", "unreachable", "too_deep", "unnamed"].includes(account.state);
  if (account.remaining.minor > account.stopped.minor) return lost ? "out" : "moving";
  if (account.stopped.minor > 0) return "stopped";
  if (account.out_of_reach.minor > 0 && account.out_of_reach.minor >= account.passed_on.minor) return "out";
  return "passed";
}

export interface LevelSum {
  level: number;
  accounts: number;
  /** Minor units. */
  received: number;
  stopped: number;
  outOfReach: number;
}

/** What each level received, and what of it is held or out of reach; the victim's own accounts are no level. */
export function levelsOf(accounts: ChaseAccount[]): LevelSum[] {
  const levels = new Map<number, LevelSum>();
  for (const account of accounts) {
    if (account.level < 1) continue;
    const sum = levels.get(account.level) ?? { level: account.level, accounts: 0, received: 0, stopped: 0, outOfReach: 0 };
    sum.accounts += 1;
    sum.received += account.received.minor;
    sum.stopped += account.stopped.minor;
    sum.outOfReach += account.out_of_reach.minor;
    levels.set(account.level, sum);
  }
  return [...levels.values()].sort((a, b) => a.level - b.level);
}

/** Accounts whose money still moves come first, then the larger sums. */
function byWeight(a: ChaseAccount, b: ChaseAccount): number {
  const urgent = (account: ChaseAccount) => (lookOf(account) === "moving" ? 0 : 1);
  return urgent(a) - urgent(b) || b.received.minor - a.received.minor || (a.key < b.key ? -1 : 1);
}

export function pictureOf(accounts: ChaseAccount[], transfers: ChaseTransfer[], payments: Chase["payments"], opened: ReadonlySet<number>, kept: string | null): Picture {
  const levels = new Map<number, ChaseAccount[]>();
  for (const account of accounts) levels.set(account.level, [...(levels.get(account.level) ?? []), account]);
  const shown = new Map<string, string>();
  const nodes: PictureNode[] = [];
  const columns: Picture["columns"] = [];
  const numbers = [...levels.keys()].sort((a, b) => a - b);
  const hasVictim = numbers[0] === 0;
  if (!hasVictim && accounts.length > 0) {
    nodes.push({ id: VICTIM, column: 0, row: 0, rows: 1, look: "victim", minor: 0 });
    columns.push({ column: 0, level: 0 });
  }
  numbers.forEach((level, place) => {
    const column = hasVictim ? place : place + 1;
    columns.push({ column, level });
    const sorted = [...(levels.get(level) ?? [])].sort(byWeight);
    const limit = opened.has(level) ? OPENED_PER_LEVEL : SHOWN_PER_LEVEL;
    const single = sorted.length <= limit ? sorted : sorted.slice(0, limit - 1);
    // The account that the officer looks at stays visible when its level is gathered.
    const keep = kept ? sorted.find((account) => account.key === kept) : undefined;
    if (keep && !single.includes(keep)) single[single.length - 1] = keep;
    const visible = new Set(single);
    const rest = sorted.filter((account) => !visible.has(account));
    const rows = single.length + (rest.length > 0 ? 1 : 0);
    single.forEach((account, row) => {
      shown.set(account.key, account.key);
      nodes.push({ id: account.key, column, row, rows, look: lookOf(account), minor: account.received.minor, account, level });
    });
    if (rest.length > 0) {
      const id = `more:${level}`;
      for (const account of rest) shown.set(account.key, id);
      nodes.push({ id, column, row: single.length, rows, look: "more", minor: rest.reduce((sum, account) => sum + account.received.minor, 0), count: rest.length, level });
    }
  });

  const edges = new Map<string, PictureEdge>();
  const exits = new Map<string, number>();
  const add = (from: string, to: string, minor: number) => {
    const key = `${from}→${to}`;
    const edge = edges.get(key);
    if (edge) edge.minor += minor;
    else edges.set(key, { from, to, minor });
  };
  let fromVictim = 0;
  if (!hasVictim) {
    for (const payment of payments) {
      const to = shown.get(payment.to);
      fromVictim += payment.amount.minor;
      if (to) add(VICTIM, to, payment.amount.minor);
    }
  }
  for (const transfer of transfers) {
    const from = shown.get(transfer.from);
    if (!from) continue;
    if (transfer.exit) {
      const id = `exit:${transfer.exit}`;
      exits.set(transfer.exit, (exits.get(transfer.exit) ?? 0) + transfer.tainted.minor);
      add(from, id, transfer.tainted.minor);
      continue;
    }
    const to = transfer.to ? shown.get(transfer.to) : undefined;
    if (to && to !== from) add(from, to, transfer.tainted.minor);
  }
  if (exits.size > 0) {
    const column = (columns.at(-1)?.column ?? 0) + 1;
    columns.push({ column, level: null });
    [...exits].sort((a, b) => b[1] - a[1]).forEach(([exit, minor], row) => {
      nodes.push({ id: `exit:${exit}`, column, row, rows: exits.size, look: "out", minor, exit });
    });
  }
  const victim = nodes.find((node) => node.id === VICTIM);
  if (victim) victim.minor = fromVictim;
  const list = [...edges.values()];
  return { nodes, edges: list, columns, minorMax: Math.max(1, ...list.map((edge) => edge.minor)) };
}

export interface Box {
  width: number;
  height: number;
}
export interface Place {
  x: number;
  y: number;
}

const MARGIN = { left: 26, right: 118, top: 34, bottom: 20 };

/** Where a node stands in a box, in pixels from the lower left as the drawing library counts. */
export function placeOf(node: PictureNode, columns: number, box: Box): Place {
  const width = box.width - MARGIN.left - MARGIN.right;
  const height = box.height - MARGIN.top - MARGIN.bottom;
  const x = MARGIN.left + (columns <= 1 ? 0 : (node.column / (columns - 1)) * width);
  const y = box.height - MARGIN.top - ((node.row + 0.5) / node.rows) * height;
  return { x, y };
}

/** Thickness of a line or radius of a node: by the root, so that the area tells the sum. */
export function sizeOf(minor: number, minorMax: number, least: number, most: number): number {
  return least + (most - least) * Math.sqrt(Math.max(0, minor) / Math.max(1, minorMax));
}
