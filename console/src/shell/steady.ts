/** A queue that does not jump: what arrives is added at the end, what leaves stays in place greyed, until it is sorted again. */
import { useMemo, useRef, useState } from "react";

export interface Steady<T> {
  id: string;
  row: T;
  fresh: boolean;
  gone: boolean;
}

/** Merges a new answer into what is shown. Pure, so that it can be tested. */
export function mergeSteady<T>(shown: Steady<T>[], rows: T[], idOf: (row: T) => string): Steady<T>[] {
  if (shown.length === 0) return rows.map((row) => ({ id: idOf(row), row, fresh: false, gone: false }));
  const now = new Map(rows.map((row) => [idOf(row), row]));
  const kept = shown.map((item): Steady<T> => {
    const row = now.get(item.id);
    now.delete(item.id);
    return row === undefined ? { ...item, gone: true } : { ...item, row, gone: false };
  });
  const added = [...now].map(([id, row]): Steady<T> => ({ id, row, fresh: true, gone: false }));
  return [...kept, ...added];
}

/** What a queue shows: that there is nothing it says only once the answer to what is asked now is there. */
export function queueShows(query: { data: unknown; isError: boolean; isPlaceholderData: boolean }, rows: number): "failed" | "loading" | "empty" | "rows" {
  if (query.data === undefined) return query.isError ? "failed" : "loading";
  if (rows > 0) return "rows";
  return query.isPlaceholderData ? "loading" : "empty";
}

/** `scope` names what is asked for (tab, search); another scope starts afresh once its own answer is there (`settled`). */
export function useSteadyRows<T>(answer: T[] | undefined, settled: boolean, idOf: (row: T) => string, scope: string) {
  const shown = useRef<Steady<T>[]>([]);
  const from = useRef<{ rows: T[] | undefined; scope: string; round: number }>({ rows: undefined, scope, round: 0 });
  const [round, setRound] = useState(0);
  return useMemo(() => {
    const rows = settled ? answer : undefined;
    if (rows) {
      const afresh = from.current.scope !== scope || from.current.round !== round;
      if (afresh) shown.current = [];
      if (afresh || from.current.rows !== rows) shown.current = mergeSteady(shown.current, rows, idOf);
      from.current = { rows, scope, round };
    }
    const items = shown.current;
    return {
      items,
      fresh: items.filter((item) => item.fresh).length,
      gone: items.filter((item) => item.gone).length,
      resort: () => setRound((n) => n + 1),
    };
    // oxlint-disable-next-line react/exhaustive-deps
  }, [answer, settled, scope, round]);
}
