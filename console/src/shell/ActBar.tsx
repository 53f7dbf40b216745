/** The bar of acts below a detail: the next sensible act first, each with its key; its form opens in place. */
import { Button, Input } from "antd";
import { useEffect, useRef, useState, type ReactNode } from "react";
import { newIdempotencyKey, Problem } from "../api/client";
import { Field, FaultScope, focusFault, strayFaults } from "./form";
import { useT } from "./i18n";
import { useKeys } from "./keys";
import { announce } from "./live";
import { SHELL } from "./texts";
import { ProblemAlert } from "./problem";
import type { Fault } from "../api/types";

export interface Act {
  key: string;
  label: string;
  hotkey?: string;
  tone?: "primary" | "danger";
  /** Form that the act needs; without one the act runs at once. */
  panel?: (leave: () => void) => ReactNode;
  run?: () => void;
  disabled?: string;
}

/** Acts on what is open, for the keyboard help. */
let shownActs: Act[] = [];
export function actsShown(): Act[] {
  return shownActs;
}

export function ActBar({ acts, scope, extra }: { acts: Act[]; scope: string; extra?: ReactNode }) {
  const [open, setOpen] = useState<string | null>(null);
  useEffect(() => setOpen(null), [scope]);
  useEffect(() => {
    shownActs = acts;
    return () => {
      shownActs = [];
    };
  }, [acts]);
  const choose = (act: Act) => {
    if (act.disabled) return;
    if (act.run) act.run();
    else setOpen(act.key);
  };
  const table: Record<string, () => void> = {};
  for (const act of acts) if (act.hotkey) table[act.hotkey] = () => choose(act);
  useKeys(table, open === null);
  useKeys({ Escape: () => setOpen(null) }, open !== null);
  const current = acts.find((act) => act.key === open);
  if (acts.length === 0 && !extra) return null;
  return (
    <div className="detail-foot">
      {current?.panel && <div className="act-panel" role="group" aria-label={current.label}>{current.panel(() => setOpen(null))}</div>}
      <div className="acts">
        {acts.map((act) => (
          <Button
            key={act.key}
            type={act.tone === "primary" ? "primary" : "default"}
            danger={act.tone === "danger"}
            disabled={Boolean(act.disabled)}
            title={act.disabled}
            aria-expanded={act.panel ? open === act.key : undefined}
            onClick={() => (open === act.key ? setOpen(null) : choose(act))}
          >
            {act.label} {act.hotkey && <kbd aria-hidden="true">{act.hotkey.toUpperCase()}</kbd>}
          </Button>
        ))}
        <span className="grow" />
        {extra}
      </div>
    </div>
  );
}


interface ReasonFormProps {
  title: string;
  hint?: ReactNode;
  confirm: string;
  danger?: boolean;
  /** Path under which the seat names the reason in its faults. */
  reason?: "must" | "optional" | "none";
  /** Ready words for the reason, one press each. */
  suggestions?: string[];
  children?: ReactNode;
  submit: (reason: string, idempotencyKey: string) => Promise<unknown>;
  onDone: () => void;
  leave: () => void;
}

/** A small form with a reason; its idempotency key lives as long as the form, so pressing twice does it once. */
export function ReasonForm(props: ReasonFormProps) {
  const t = useT(SHELL);
  const [reason, setReason] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const [local, setLocal] = useState<Fault[]>([]);
  const [key] = useState(newIdempotencyKey);
  const box = useRef<HTMLFormElement>(null);
  const mode = props.reason ?? "must";

  useEffect(() => {
    (box.current?.querySelector<HTMLElement>("textarea, input") ?? box.current?.querySelector<HTMLElement>("button[type=submit]"))?.focus();
  }, []);

  async function go() {
    if (busy) return;
    if (mode === "must" && reason.trim().length < 2) {
      setLocal([{ field: "reason", code: "reason.missing", zh: SHELL.reasonMissing.zh, en: SHELL.reasonMissing.en }]);
      return;
    }
    setBusy(true);
    setError(null);
    setLocal([]);
    try {
      await props.submit(reason.trim(), key);
      announce(t("done", { what: props.title }));
      props.onDone();
      props.leave();
    } catch (problem) {
      setError(problem);
      if (problem instanceof Problem) setTimeout(() => focusFault(problem.faults), 0);
    } finally {
      setBusy(false);
    }
  }

  const faults = [...local, ...(error instanceof Problem ? error.faults : [])];
  return (
    <form
      ref={box}
      onSubmit={(event) => {
        event.preventDefault();
        void go();
      }}
      onKeyDown={(event) => {
        if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
          event.preventDefault();
          void go();
        }
        if (event.key === "Escape") {
          event.stopPropagation();
          props.leave();
        }
      }}
    >
      <FaultScope faults={faults}>
        <div className="row" style={{ marginBottom: 6 }}>
          <strong>{props.title}</strong>
          {props.hint && <span className="muted">{props.hint}</span>}
        </div>
        <ProblemAlert error={error} faults={error instanceof Problem ? strayFaults(error.faults) : undefined} />
        <div className="form-grid">
          {props.children}
          {mode !== "none" && (
            <Field label={t("reason")} path="reason" must={mode === "must"} hint={t("reasonHint")}>
              {({ id, status, describedBy }) => (
                <>
                  {props.suggestions && (
                    <div className="row-wrap" style={{ marginBottom: 4 }}>
                      {props.suggestions.map((words) => (
                        <button key={words} type="button" className="reveal" onClick={() => setReason(words)}>{words}</button>
                      ))}
                    </div>
                  )}
                  <Input.TextArea id={id} status={status} aria-describedby={describedBy} autoSize={{ minRows: 2, maxRows: 4 }} maxLength={500} value={reason} onChange={(event) => setReason(event.target.value)} />
                </>
              )}
            </Field>
          )}
        </div>
        <div className="row" style={{ marginTop: 8 }}>
          <Button htmlType="submit" type="primary" danger={props.danger} loading={busy}>{props.confirm} <kbd aria-hidden="true">Ctrl ↵</kbd></Button>
          <Button onClick={props.leave}>{t("cancel")} <kbd aria-hidden="true">Esc</kbd></Button>
        </div>
      </FaultScope>
    </form>
  );
}
