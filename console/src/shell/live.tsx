/** Live by default: journal entries arrive by server-sent events, renew what they touch, and mark it. */
import { useQueryClient, type QueryClient } from "@tanstack/react-query";
import { useEffect, useSyncExternalStore } from "react";
import { call } from "../api/client";
import type { JournalEntry } from "../api/types";

/** What the stream tells of an entry. */
type Change = Pick<JournalEntry, "seq" | "kind" | "subject">;

/** Entries of one burst are gathered for this long before anything is asked for again. */
const GATHER_MS = 400;
/** How long a changed row keeps its mark. */
const MARK_MS = 12_000;
const RETRY_MS_MAX = 15_000;
/** The seat tells its position every 15 seconds; two missed and the line is taken for dead. */
const SILENCE_MS_MAX = 35_000;
const WATCH_EVERY_MS = 5_000;

/** Which lists an entry's kind (`order.approved`) or subject (`order:<id>`) touches. */
const TOUCHES: Record<string, string[]> = {
  report: ["reports", "desk-counts", "chases", "payments-waiting", "report-pairs"],
  import: ["reports", "imports"],
  order: ["orders", "desk-counts", "chases", "chases-waiting", "reports"],
  case: ["chases", "chases-waiting", "orders"],
  chase: ["chases", "chases-waiting", "desk-counts"],
  trace: ["chases", "chases-waiting"],
  rule: ["rules"],
  hold: ["holds", "orders", "accounts", "desk-counts"],
  account: ["accounts"],
  movement: ["accounts", "chases"],
  notice: ["notices", "reports", "desk-counts"],
  user: ["users"],
  partner: ["partners"],
  message: ["orders", "partners"],
  seal: ["partners", "desk-counts"],
  answer: ["orders", "chases", "chases-waiting", "desk-counts"],
  watch: ["chases", "accounts"],
  line: ["line-orders", "desk-counts"],
  number: ["number-entries", "desk-counts"],
  entry: ["list-entries", "number-entries", "desk-counts"],
  list: ["list-entries", "list-imports"],
  signals: ["signals"],
  appeal: ["appeals", "desk-counts"],
  measure: ["line-orders", "measures"],
  sender: ["senders"],
};

export function touchedBy(entry: Omit<Change, "seq">): string[] {
  const out = new Set<string>(["journal"]);
  for (const word of [entry.kind.split(".")[0], entry.subject.split(":")[0]]) {
    for (const list of TOUCHES[word ?? ""] ?? []) out.add(list);
  }
  return [...out];
}

export interface LiveState {
  state: "connecting" | "live" | "lost";
  /** When the last sign of life came, by this browser's clock. */
  heardAt: number;
  seq: number;
}

let live: LiveState = { state: "connecting", heardAt: Date.now(), seq: 0 };
const liveListeners = new Set<() => void>();
const marks = new Map<string, number>();
const markListeners = new Set<() => void>();
let marksVersion = 0;
let announcement = "";
const announceListeners = new Set<() => void>();

function setLive(next: Partial<LiveState>): void {
  live = { ...live, ...next };
  for (const tell of liveListeners) tell();
}

function mark(subject: string): void {
  marks.set(subject, Date.now() + MARK_MS);
  marksVersion += 1;
  for (const tell of markListeners) tell();
  setTimeout(() => {
    if ((marks.get(subject) ?? 0) <= Date.now()) {
      marks.delete(subject);
      marksVersion += 1;
      for (const tell of markListeners) tell();
    }
  }, MARK_MS + 50);
}

function subscribeTo(set: Set<() => void>) {
  return (tell: () => void) => {
    set.add(tell);
    return () => {
      set.delete(tell);
    };
  };
}
const subscribeLive = subscribeTo(liveListeners);
const subscribeMarks = subscribeTo(markListeners);
const subscribeAnnounce = subscribeTo(announceListeners);

export function useLive(): LiveState {
  return useSyncExternalStore(subscribeLive, () => live);
}

/** Whether a subject changed under the reader a moment ago. */
export function useMarks(): (subject: string) => boolean {
  useSyncExternalStore(subscribeMarks, () => marksVersion);
  return (subject) => (marks.get(subject) ?? 0) > Date.now();
}

/** Says something to screen readers, politely. */
export function announce(text: string): void {
  announcement = text;
  for (const tell of announceListeners) tell();
}

export function Announcer() {
  const text = useSyncExternalStore(subscribeAnnounce, () => announcement);
  return <div className="visually-hidden" role="status" aria-live="polite">{text}</div>;
}

class Stream {
  private source: EventSource | null = null;
  private pending = new Set<string>();
  private timer: ReturnType<typeof setTimeout> | null = null;
  private retry: ReturnType<typeof setTimeout> | null = null;
  private retryMs = 1000;
  private stopped = false;
  private wasLost = false;
  private arrived = 0;
  private watch: ReturnType<typeof setInterval> | null = null;

  constructor(private client: QueryClient, private words: (count: number) => string) {}

  open(): void {
    this.watch ??= setInterval(() => {
      if (live.state === "live" && Date.now() - live.heardAt > SILENCE_MS_MAX) this.again(0);
    }, WATCH_EVERY_MS);
    window.addEventListener("offline", this.offline);
    const after = live.seq > 0 ? `&after=${live.seq}` : "";
    const source = new EventSource(`/api/events?brief=true${after}`);
    this.source = source;
    source.onopen = () => {
      this.retryMs = 1000;
      setLive({ state: "live", heardAt: Date.now() });
      // What changed while the line was down is not known from here, so everything shown is asked for again.
      if (this.wasLost) void this.client.invalidateQueries({ predicate: (query) => query.queryKey[0] !== "session" });
      this.wasLost = false;
    };
    source.addEventListener("journal", (event) => this.take(event as MessageEvent<string>));
    source.addEventListener("position", (event) => setLive({ heardAt: Date.now(), seq: Number((event as MessageEvent<string>).data) || live.seq }));
    source.onerror = () => {
      this.wasLost = true;
      // Until this moment what is shown was current; the age counts from here.
      if (live.state !== "lost") setLive({ state: "lost", heardAt: Date.now() });
      if (source.readyState !== EventSource.CLOSED || this.stopped) return;
      // A stream ends with its session; asking for the session shows the log-in when it is that.
      void call("GET", "/session").catch(() => undefined);
      this.again(this.retryMs);
      this.retryMs = Math.min(RETRY_MS_MAX, this.retryMs * 2);
    };
  }

  private offline = () => this.again(this.retryMs);

  /** Gives the line up and opens another after a while. */
  private again(waitMs: number): void {
    this.wasLost = true;
    if (live.state !== "lost") setLive({ state: "lost" });
    this.source?.close();
    if (this.retry) clearTimeout(this.retry);
    this.retry = setTimeout(() => {
      if (!this.stopped) this.open();
    }, waitMs);
  }

  private take(event: MessageEvent<string>): void {
    let entry: Change;
    try {
      entry = JSON.parse(event.data) as Change;
    } catch {
      return;
    }
    setLive({ heardAt: Date.now(), seq: Math.max(live.seq, entry.seq), state: "live" });
    mark(entry.subject);
    for (const list of touchedBy(entry)) this.pending.add(list);
    this.arrived += 1;
    this.timer ??= setTimeout(() => this.flush(), GATHER_MS);
  }

  private flush(): void {
    const lists = this.pending;
    this.pending = new Set();
    this.timer = null;
    announce(this.words(this.arrived));
    this.arrived = 0;
    void this.client.invalidateQueries({ predicate: (query) => lists.has(String(query.queryKey[0])) });
  }

  close(): void {
    this.stopped = true;
    window.removeEventListener("offline", this.offline);
    if (this.watch) clearInterval(this.watch);
    this.source?.close();
    if (this.timer) clearTimeout(this.timer);
    if (this.retry) clearTimeout(this.retry);
  }
}

/** Keeps the stream open while somebody is logged in. */
export function useEventStream(enabled: boolean, words: (count: number) => string): void {
  const client = useQueryClient();
  useEffect(() => {
    if (!enabled) return;
    const stream = new Stream(client, words);
    stream.open();
    return () => stream.close();
    // The words change with the language only; the stream need not be opened again for that.
    // oxlint-disable-next-line react/exhaustive-deps
  }, [client, enabled]);
}
