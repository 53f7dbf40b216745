/** Fields with their faults: each fault stands beside its field, all at once, by the path the seat names. */
import { createContext, useContext, useId, type ReactNode } from "react";
import { Input } from "antd";
import type { Fault } from "../api/types";
import { formatTime, instantOf } from "./format";
import { useLang, useT } from "./i18n";
import { SHELL } from "./texts";
import { faultWords } from "./problem";

const Faults = createContext<Fault[]>([]);

export function FaultScope({ faults, children }: { faults: Fault[]; children: ReactNode }) {
  return <Faults value={faults}>{children}</Faults>;
}

interface FieldProps {
  label: ReactNode;
  /** Path of the field in the input, as in `payments[0].payee_account`. */
  path?: string;
  must?: boolean;
  hint?: ReactNode;
  className?: string;
  children: (control: { id: string; status: "" | "error"; describedBy: string | undefined }) => ReactNode;
}

export function Field({ label, path, must, hint, className = "s12", children }: FieldProps) {
  const id = useId();
  const lang = useLang();
  const t = useT(SHELL);
  const here = useContext(Faults).filter((fault) => path !== undefined && fault.field === path);
  const described = here.length > 0 ? `${id}-fault` : hint ? `${id}-hint` : undefined;
  return (
    <div className={`field ${className}`} data-field={path}>
      <label htmlFor={id}>
        {label}
        {must && <span className="must" title={t("must")}>*</span>}
      </label>
      {children({ id, status: here.length > 0 ? "error" : "", describedBy: described })}
      {here.length > 0 && (
        <div className="fault" id={`${id}-fault`}>
          {here.map((fault) => {
            const said = faultWords(fault, lang);
            return <div key={fault.code}>✕ {said.what} {said.remedy && <span className="remedy">{said.remedy}</span>}</div>;
          })}
        </div>
      )}
      {hint && here.length === 0 && <div className="hint" id={`${id}-hint`}>{hint}</div>}
    </div>
  );
}

/** The faulty field that stands first on the page, whatever the order in which the seat tells the faults. */
export function firstOnPage<E>(faults: Fault[], fields: Iterable<[path: string | undefined, field: E]>): E | undefined {
  const faulty = new Set(faults.map((fault) => fault.field));
  for (const [path, field] of fields) if (path !== undefined && faulty.has(path)) return field;
  return undefined;
}

/** Brings the first faulty field into view and puts the cursor there. */
export function focusFault(faults: Fault[]): void {
  const fields = Array.from(document.querySelectorAll<HTMLElement>("[data-field]"), (field): [string | undefined, HTMLElement] => [field.dataset.field, field]);
  const field = firstOnPage(faults, fields);
  field?.scrollIntoView({ block: "center" });
  field?.querySelector<HTMLElement>("input, textarea, select, button")?.focus();
}

/** The faults whose field is not on this page, so that none is swallowed. */
export function strayFaults(faults: Fault[]): Fault[] {
  return faults.filter((fault) => !document.querySelector(`[data-field="${CSS.escape(fault.field)}"]`));
}

/** Now and then in the home zone, as a time field holds it. */
export function timeFieldOf(ms: number): string {
  return formatTime(ms, "minute");
}

interface TimeInputProps {
  id?: string;
  status?: "" | "error";
  label?: string;
  small?: true;
  value: string;
  onChange: (text: string) => void;
}

/** A date and time typed in the home zone. The browser's own field would show it in the order of the workstation's region. */
export function TimeInput({ id, status, label, small, value, onChange }: TimeInputProps) {
  const t = useT(SHELL);
  return (
    <Input
      id={id} size={small ? "small" : undefined} aria-label={label} placeholder="2026-11-22 15:20" title={t("timeHint")} maxLength={19} style={small ? { width: 150 } : undefined}
      status={status || (value.trim() !== "" && !instantOf(value) ? "error" : "")}
      value={value}
      onChange={(event) => onChange(event.target.value)}
    />
  );
}

/** What was typed of a form's optional fields, without those that were left empty. */
export function filled(texts: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, text.trim()] as const).filter(([, text]) => text !== ""));
}
