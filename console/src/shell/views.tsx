/** The states of a view: loading, empty, failed, forbidden; and problems with their faults. */
import { Button } from "antd";
import { Component, type ReactNode } from "react";
import type { UseQueryResult } from "@tanstack/react-query";
import { Problem } from "../api/client";
import { currentLang, fill, useLang, useT } from "./i18n";
import { Icon, type IconName } from "./Icon";
import { problemWords } from "./problem";
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
