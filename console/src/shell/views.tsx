/** The states of a view: loading, empty, failed, forbidden; and problems with their faults. */
import { Button } from "antd";
import { Component, type ReactNode } from "react";
import type { UseQueryResult } from "@tanstack/react-query";
import { Problem } from "../api/client";
import type { Fault, ProblemBody } from "../api/types";
import { currentLang, fill, useLang, useT } from "./i18n";
import { Icon, type IconName } from "./Icon";
import { SHELL } from "./texts";

export function Loading({ lines = 6 }: { lines?: number }) {
  const t = useT(SHELL);
  return (
    <div className="skeleton" role="status" aria-label={t("loading")}>
      {Array.from({ length: lines }, (_, line) => <div key={line} style={{ width: `${92 - ((line * 17) % 40)}%` }} />)}
    </div>
  );
}

export function Empty({ title, hint, glyph = "○", icon, children }: { title: string; hint?: string; glyph?: string; icon?: IconName; children?: ReactNode }) {
  return (
    <div className="state">
      <span className="glyph" aria-hidden="true">{icon ? <Icon name={icon} size={34} /> : glyph}</span>
      <span className="big">{title}</span>
      {hint && <span className="hint">{hint}</span>}
      {children}
    </div>
  );
}

/** The words of a problem in the language of the page. */
export function problemWords(body: ProblemBody, lang: "zh" | "en"): { title: string; detail: string } {
  const said = body.texts?.[lang];
  return said ? { title: said.title, detail: said.detail ?? "" } : { title: body.title ?? body.code, detail: body.detail ?? "" };
}

export function Failed({ error, retry, right }: { error: unknown; retry?: () => void; right?: string }) {
  const t = useT(SHELL);
  const lang = useLang();
  const problem = error instanceof Problem ? error : null;
  if (problem?.status === 403) return <Empty icon="lock" title={t("forbiddenTitle")} hint={right ? t("forbiddenHint", { right }) : problemWords(problem.body, lang).detail} />;
  if (problem?.status === 404) return <Empty glyph="?" title={t("notFoundTitle")} hint={t("notFoundHint")} />;
  const words = problem ? problemWords(problem.body, lang) : { title: t("failedTitle"), detail: error instanceof Error ? error.message : "" };
  return (
    <Empty glyph="!" title={words.title} hint={problem?.status === 0 ? t("unreachableHint") : words.detail}>
      {problem?.body.request_id && <span className="faint">{t("requestId", { id: problem.body.request_id })}</span>}
      {retry && <Button onClick={retry}>{t("retry")}</Button>}
    </Empty>
  );
}

/** Shows a query in whichever state it is; old data stays in view while a renewal fails. */
export function QueryView<T>({ query, right, children, lines }: { query: UseQueryResult<T, Error>; right?: string; children: (data: T) => ReactNode; lines?: number }) {
  if (query.data !== undefined) return <>{children(query.data)}</>;
  if (query.isError) return <Failed error={query.error} retry={() => void query.refetch()} right={right} />;
  return <Loading lines={lines} />;
}

export function faultWords(fault: Fault, lang: "zh" | "en"): { what: string; remedy: string } {
  return { what: fault[lang] || fault.zh, remedy: (lang === "zh" ? fault.zh_remedy : fault.en_remedy) ?? "" };
}

/** A refused act: what is wrong, every fault that has no field on this page, and what to do. */
export function ProblemAlert({ error, faults }: { error: unknown; faults?: Fault[] }) {
  const t = useT(SHELL);
  const lang = useLang();
  if (!error) return null;
  const problem = error instanceof Problem ? error : null;
  const words = problem ? problemWords(problem.body, lang) : { title: error instanceof Error ? error.message : String(error), detail: "" };
  const listed = faults ?? problem?.faults ?? [];
  return (
    <div className="problem" role="alert">
      <div className="title">{words.title}</div>
      {words.detail && <div>{words.detail}</div>}
      {problem?.status === 0 && <div>{t("unreachableHint")}</div>}
      {listed.length > 0 && (
        <ul>
          {listed.map((fault) => {
            const said = faultWords(fault, lang);
            return <li key={`${fault.field}/${fault.code}`}>{said.what} {said.remedy && <span className="muted">{said.remedy}</span>}</li>;
          })}
        </ul>
      )}
      {problem?.body.request_id && <div className="id">{t("requestId", { id: problem.body.request_id })}</div>}
    </div>
  );
}

/** Keeps one broken part from taking the room dark. */
export class Guard extends Component<{ children: ReactNode }, { error: Error | null }> {
  state: { error: Error | null } = { error: null };
  static getDerivedStateFromError(error: Error) {
    return { error };
  }
  render() {
    const { error } = this.state;
    if (!error) return this.props.children;
    const lang = currentLang();
    return (
      <Empty glyph="!" title={SHELL.crashTitle[lang]} hint={fill(SHELL.crashHint[lang])}>
        <code className="mono faint">{error.message}</code>
        <Button onClick={() => this.setState({ error: null })}>{SHELL.retry[lang]}</Button>
      </Empty>
    );
  }
}
