/** The pattern of every desk: queue on the left, detail on the right, acts below it. */
import { Input } from "antd";
import { useCallback, useEffect, useId, useRef, type ReactNode } from "react";
import { useQueries, type QueryKey, type UseQueryResult } from "@tanstack/react-query";
import { useT } from "./i18n";
import { useKeys } from "./keys";
import { useMarks } from "./live";
import { queueShows, useSteadyRows } from "./steady";
import { SHELL } from "./texts";
import { Failed, Loading } from "./views";

export interface Tab {
  key: string;
  label: string;
  /** The label in full, where the tab has room for a short one only. */
  title?: string;
  count?: number;
}

interface QueueProps<T> {
  title: string;
  /** A narrow queue, for desks whose detail needs the room. */
  slim?: true;
  extra?: ReactNode;
  tabs: Tab[];
  tab: string;
  onTab: (key: string) => void;
  search: string;
  onSearch: (text: string) => void;
  searchLabel: string;
  tools?: ReactNode;
  query: UseQueryResult<T[], Error>;
  right?: string;
  idOf: (row: T) => string;
  /** How a row that has left the queue is asked for, so that it shows how it stands now; under the key of its detail, which live events renew. */
  now?: { key: (id: string) => QueryKey; get: (id: string) => Promise<T> };
  /** Journal subject of a row, for the mark of what just changed. */
  subjectOf: (row: T) => string;
  selected: string | null;
  onSelect: (id: string | null) => void;
  render: (row: T) => ReactNode;
  empty: ReactNode;
  detail: ReactNode;
  /** The detail is shown although no row is selected: a form. */
  forced?: boolean;
}

/** Rows that have left and are asked for at most; more of them are shown as they were. */
const LEFT_MAX = 20;

export function Queue<T>(props: QueueProps<T>) {
  const t = useT(SHELL);
  const changed = useMarks();
  const listId = useId();
  const list = useRef<HTMLDivElement>(null);
  const { query, idOf, selected, onSelect } = props;
  const steady = useSteadyRows(query.data, !query.isPlaceholderData, idOf, `${props.tab}/${props.search}`);
  const shows = queueShows(query, steady.items.length);
  const ids = steady.items.map((item) => item.id);
  const { now } = props;
  const left = now ? steady.items.filter((item) => item.gone).slice(-LEFT_MAX).map((item) => item.id) : [];
  const leftNow = useQueries({ queries: now ? left.map((id) => ({ queryKey: now.key(id), queryFn: () => now.get(id) })) : [] });
  const rowNow = new Map(left.flatMap((id, at) => { const row = leftNow[at]?.data; return row === undefined ? [] : [[id, row] as const]; }));

  const step = useCallback((by: number) => {
    if (ids.length === 0) return;
    const at = selected === null ? -1 : ids.indexOf(selected);
    const next = at < 0 ? (by > 0 ? 0 : ids.length - 1) : Math.min(ids.length - 1, Math.max(0, at + by));
    onSelect(ids[next] ?? null);
  }, [ids, onSelect, selected]);

  useKeys({
    j: () => step(1),
    k: () => step(-1),
    ArrowDown: () => step(1),
    ArrowUp: () => step(-1),
    Enter: () => (selected === null ? step(1) : document.querySelector<HTMLElement>(".detail-body")?.focus()),
    "/": () => document.getElementById(`${listId}-search`)?.focus(),
  });

  useEffect(() => {
    list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: "nearest" });
  }, [selected]);

  return (
    <div className={`desk ${props.slim ? "slim" : ""} ${props.selected === null && !props.forced ? "" : "has-detail"}`}>
      <section className="queue" aria-label={props.title}>
        <div className="queue-head">
          <div className="queue-title">
            <h1 className="grow">{props.title}</h1>
            {props.extra}
          </div>
          <div className="queue-tools">
            <Input id={`${listId}-search`} className="grow" allowClear size="small" placeholder={props.searchLabel} aria-label={props.searchLabel} value={props.search} onChange={(event) => props.onSearch(event.target.value)} onKeyDown={(event) => event.key === "Escape" && event.currentTarget.blur()} suffix={<kbd aria-hidden="true">/</kbd>} />
            {props.tools}
          </div>
          <div className="tabs" role="tablist" aria-label={props.title}>
            {props.tabs.map((tab) => (
              <button key={tab.key} type="button" role="tab" title={tab.title} aria-selected={tab.key === props.tab} aria-controls={`${listId}-list`} onClick={() => props.onTab(tab.key)}>
                {tab.label}
                {tab.count !== undefined && <span className="n">{tab.count}</span>}
              </button>
            ))}
          </div>
        </div>
        {(steady.fresh > 0 || steady.gone > 0) && (
          <div className="queue-news">
            <span className="grow">
              {[steady.fresh > 0 && t("queueNew", { n: steady.fresh }), steady.gone > 0 && t("queueGone", { n: steady.gone })].filter(Boolean).join(" · ")}
            </span>
            <button type="button" className="reveal" onClick={steady.resort}>{t("resort")}</button>
          </div>
        )}
        <div id={`${listId}-list`} ref={list} className="queue-list" role={steady.items.length > 0 ? "listbox" : undefined} aria-label={steady.items.length > 0 ? props.title : undefined} tabIndex={steady.items.length > 0 ? 0 : undefined} aria-activedescendant={selected && ids.includes(selected) ? `${listId}-${selected}` : undefined}>
          {shows === "failed" && <Failed error={query.error} right={props.right} retry={() => void query.refetch()} />}
          {shows === "loading" && <Loading lines={12} />}
          {shows === "empty" && props.empty}
          {steady.items.map((item) => {
            const isChanged = changed(props.subjectOf(item.row));
            return (
              <div
                key={item.id}
                id={`${listId}-${item.id}`}
                role="option"
                tabIndex={-1}
                aria-selected={item.id === selected}
                className={`qrow ${isChanged ? "changed" : ""} ${item.gone ? "gone" : ""}`}
                title={item.gone ? t("leftQueue") : undefined}
                onClick={() => onSelect(item.id)}
                onKeyDown={(event) => event.key === " " && onSelect(item.id)}
              >
                {props.render(rowNow.get(item.id) ?? item.row)}
                {(isChanged || item.fresh) && <span className="visually-hidden">{t("changedNow")}</span>}
              </div>
            );
          })}
        </div>
        <div className="queue-foot">
          <span>{shows === "failed" ? "" : query.data === undefined || query.isPlaceholderData ? t("loading") : t("rows", { n: steady.items.length - steady.gone })}</span>
          <span className="row"><kbd>j</kbd><kbd>k</kbd> {t("keyNextPrevious")} <kbd>?</kbd></span>
        </div>
      </section>
      <section className="detail">
        <button type="button" className="reveal only-narrow back" onClick={() => onSelect(null)}>← {t("back")}</button>
        {props.detail}
      </section>
    </div>
  );
}
