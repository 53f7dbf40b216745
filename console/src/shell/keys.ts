/** Keys of the page: single letters act when nobody is typing, Ctrl-K and Escape always. */
import { useEffect, useRef } from "react";

export type KeyTable = Record<string, (event: KeyboardEvent) => void>;

/** True when the key belongs to a field or to a dialog, and the page must leave it alone. */
function typing(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName)) return true;
  return target.closest('[role="dialog"], [role="combobox"], .ant-select-dropdown, .ant-dropdown') !== null;
}

function nameOf(event: KeyboardEvent): string {
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  return `${event.ctrlKey || event.metaKey ? "Ctrl-" : ""}${event.altKey ? "Alt-" : ""}${key}`;
}

/** Binds keys while mounted. A plain letter or Enter is not taken from a field, a button or a link. */
export function useKeys(table: KeyTable, enabled = true): void {
  const latest = useRef(table);
  latest.current = table;
  useEffect(() => {
    if (!enabled) return;
    const onKey = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.isComposing) return;
      const name = nameOf(event);
      const act = latest.current[name];
      if (!act) return;
      const free = name.startsWith("Ctrl-") || name.startsWith("Alt-") || name === "Escape";
      if (!free && typing(event.target)) return;
      if (name === "Enter" && event.target instanceof HTMLElement && /^(A|BUTTON|SUMMARY)$/.test(event.target.tagName)) return;
      event.preventDefault();
      act(event);
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [enabled]);
}
