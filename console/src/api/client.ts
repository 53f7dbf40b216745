/** The one place that talks to the seat: session cookie, CSRF token, idempotency keys, problem+json. */
import { learnServerTime } from "../shell/time";
import type { Acts as BankActs, Reads as BankReads } from "./generated/bank";
import type { Acts as CentreActs, Reads as CentreReads } from "./generated/centre";
import type { Acts as OperatorActs, Reads as OperatorReads } from "./generated/operator";
import type { Fault, ProblemBody } from "./types";

/** What some seat answers; a path that none has does not compile. */
export type Reads = BankReads | CentreReads | OperatorReads;
export type Acts = BankActs | CentreActs | OperatorActs;

/** What the seat said no with, or why it could not be reached (`status` 0). */
export class Problem extends Error {
  readonly status: number;
  readonly body: ProblemBody;
  constructor(body: ProblemBody) {
    super(body.title ?? body.code);
    this.status = body.status;
    this.body = body;
  }
  get faults(): Fault[] {
    return this.body.faults ?? [];
  }
}

let csrf: string | null = null;
let onExpired: (() => void) | null = null;

export function keepCsrf(token: string | null): void {
  csrf = token;
}

/** Called when the seat no longer knows the session while a page is open. */
export function whenSessionExpires(tell: (() => void) | null): void {
  onExpired = tell;
}

/** A key that makes a repeated submit harmless; kept by the form until the submit has been answered. */
export function newIdempotencyKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export type Query = Record<string, string | number | boolean | null | undefined>;

export function withQuery(path: string, query?: Query): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value !== null && value !== undefined && value !== "") search.set(name, String(value));
  }
  const text = search.toString();
  return text ? `${path}?${text}` : path;
}

interface Options {
  query?: Query;
  body?: unknown;
  form?: FormData;
  /** A form with a large file, which needs no idempotency key. */
  streamed?: boolean;
  idempotencyKey?: string;
  signal?: AbortSignal;
  /** A refused log-in is not an expired session. */
  quiet?: boolean;
}

const UNREACHABLE: ProblemBody = {
  status: 0,
  code: "network.unreachable",
  texts: { zh: { title: "连不上服务器" }, en: { title: "The server cannot be reached" } },
};

export async function call<T>(method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE", path: Reads | Acts, options: Options = {}): Promise<T> {
  const headers: Record<string, string> = { Accept: "application/json" };
  if (options.body !== undefined) headers["Content-Type"] = "application/json";
  if (method !== "GET") {
    if (csrf) headers["X-Shouhu-CSRF"] = csrf;
    // A file needs no key: the seat knows it by its content, and makes nothing twice when it is sent again.
    if (method === "POST" && !options.streamed) headers["Idempotency-Key"] = options.idempotencyKey ?? newIdempotencyKey();
  }
  const sentAt = Date.now();
  let response: Response;
  try {
    response = await fetch(withQuery(`/api${path}`, options.query), {
      method,
      headers,
      credentials: "same-origin",
      body: options.form ?? (options.body === undefined ? undefined : JSON.stringify(options.body)),
      signal: options.signal,
    });
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === "AbortError") throw cause;
    throw new Problem(UNREACHABLE);
  }
  const text = await response.text();
  const json: unknown = parse(text);
  if (!response.ok) {
    if (response.status === 401 && !options.quiet) onExpired?.();
    throw new Problem(problemOf(response.status, json));
  }
  if (path === "/seat" && isRecord(json) && typeof json.now === "string") learnServerTime(json.now, sentAt, Date.now());
  return json as T;
}

function parse(text: string): unknown {
  if (!text) return null;
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function problemOf(status: number, json: unknown): ProblemBody {
  if (isRecord(json) && typeof json.code === "string") return { ...(json as unknown as ProblemBody), status };
  return { status, code: `http.${status}`, texts: { zh: { title: `服务器回答 ${status}` }, en: { title: `The server answered ${status}` } } };
}

export const get = <T>(path: Reads, query?: Query, signal?: AbortSignal) => call<T>("GET", path, { query, signal });
export const post = <T>(path: Acts, body?: unknown, idempotencyKey?: string) =>
  call<T>("POST", path, { body: body ?? {}, idempotencyKey });
export const put = <T>(path: Acts, body: unknown) => call<T>("PUT", path, { body });
export const patch = <T>(path: Acts, body: unknown) => call<T>("PATCH", path, { body });
export const remove = <T>(path: Acts) => call<T>("DELETE", path);

/** Takes a file that the seat makes for this act, and hands it to the browser. */
export async function download(path: Acts, body: unknown, name: string): Promise<void> {
  const response = await fetch(`/api${path}`, {
    method: "POST",
    headers: { "Content-Type": "application/json", "Idempotency-Key": newIdempotencyKey(), ...(csrf ? { "X-Shouhu-CSRF": csrf } : {}) },
    credentials: "same-origin",
    body: JSON.stringify(body),
  }).catch(() => {
    throw new Problem(UNREACHABLE);
  });
  if (!response.ok) throw new Problem(problemOf(response.status, parse(await response.text())));
  const url = URL.createObjectURL(await response.blob());
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}
