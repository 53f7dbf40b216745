/** A form that is sent once, in the place of a detail or in a dialog: what it holds, how it is sent, and its fields one line each. */
import { Button, Input, InputNumber, Select, type InputProps } from "antd";
import { useState, type ReactNode } from "react";
import { useNavigate } from "react-router";
import { newIdempotencyKey, Problem } from "../api/client";
import type { Fault } from "../api/types";
import { Field, FaultScope, focusFault, strayFaults, TimeInput } from "./form";
import { formatMoney, parseMoney } from "./format";
import { useT } from "./i18n";
import { useKeys } from "./keys";
import { ProblemAlert } from "./problem";
import { SHELL } from "./texts";

interface Sending<V> {
  initial: V | (() => V);
  /** Sends what was typed, and goes to what was made. A form that is refused is sent again under another key. */
  send: (values: V, key: string) => Promise<void>;
  /** Where Escape leads, for a form that has the place of a detail. */
  back?: string;
}

export interface Form<V> {
  values: V;
  set: (part: Partial<V>) => void;
  busy: boolean;
  error: unknown;
  fail: (error: unknown) => void;
  faults: Fault[];
  submit: () => void;
  leave: () => void;
}

export function useForm<V extends object>({ initial, send, back }: Sending<V>): Form<V> {
  const go = useNavigate();
  const [values, setValues] = useState(initial);
  const [key, setKey] = useState(newIdempotencyKey);
  const [busy, setBusy] = useState(false);
  const [error, fail] = useState<unknown>(null);

  async function submit() {
    if (busy) return;
    setBusy(true);
    fail(null);
    try {
      await send(values, key);
    } catch (problem) {
      setKey(newIdempotencyKey());
      fail(problem);
      // The faults stand beside their fields only after the next paint.
      if (problem instanceof Problem) setTimeout(() => focusFault(problem.faults), 30);
    } finally {
      setBusy(false);
    }
  }
  return {
    values, busy, error, fail,
    set: (part) => setValues((old) => ({ ...old, ...part })),
    faults: error instanceof Problem ? error.faults : [],
    submit: () => void submit(),
    leave: () => void (back === undefined || go(back)),
  };
}

/** Head, faults that have no field here, the cards of fields, and the acts with their keys. */
export function FormPage<V>({ form, title, confirm, children }: { form: Form<V>; title: string; confirm: string; children: ReactNode }) {
  const s = useT(SHELL);
  useKeys({ "Ctrl-Enter": form.submit, Escape: form.leave });
  return (
    <FaultScope faults={form.faults}>
      <div className="detail-head"><h2>{title}</h2></div>
      <div className="detail-body">
        <ProblemAlert error={form.error} faults={strayFaults(form.faults)} />
        {children}
      </div>
      <div className="detail-foot"><div className="acts">
        <Button type="primary" loading={form.busy} onClick={form.submit}>{confirm} <kbd aria-hidden="true">Ctrl ↵</kbd></Button>
        <Button onClick={form.leave}>{s("cancel")} <kbd aria-hidden="true">Esc</kbd></Button>
      </div></div>
    </FaultScope>
  );
}

/** The same within a dialog, which has its own head and its own way out. */
export function FormBox<V>({ form, confirm, blocked, after, children }: { form: Form<V>; confirm: string; blocked?: boolean; after?: ReactNode; children: ReactNode }) {
  return (
    <form onSubmit={(event) => { event.preventDefault(); form.submit(); }}>
      <FaultScope faults={form.faults}>
        <ProblemAlert error={form.error} faults={strayFaults(form.faults)} />
        <div className="form-grid">{children}</div>
        {after}
        <Button style={{ marginTop: 14 }} htmlType="submit" type="primary" loading={form.busy} disabled={blocked}>{confirm}</Button>
      </FaultScope>
    </form>
  );
}

/** The names of the values of a type. */
type NamesOf<V, T> = { [K in keyof V]-?: V[K] extends T ? (T extends V[K] ? K : never) : never }[keyof V] & string;

interface Bound<V, T> {
  /** The form, or a row of it. */
  form: Pick<Form<V>, "values" | "set">;
  name: NamesOf<V, T>;
  label: ReactNode;
  /** Path of the field in the input; the name where left out. */
  path?: string;
  must?: boolean;
  hint?: ReactNode;
  className?: string;
}

type TextProps<V> = Bound<V, string> & { max?: number; inputMode?: InputProps["inputMode"]; first?: true };

/** `first` takes the cursor when the form opens. */
export function TextField<V>({ form, name, path = name, max, inputMode, first, ...field }: TextProps<V>) {
  return (
    <Field path={path} {...field}>{({ id, status }) => (
      <Input id={id} status={status} autoFocus={first} inputMode={inputMode} maxLength={max} value={String(form.values[name])} onChange={(event) => form.set({ [name]: event.target.value } as Partial<V>)} />
    )}</Field>
  );
}

/** Several lines of words. */
export function WordsField<V>({ form, name, path = name, max, rows = 2, ...field }: Bound<V, string> & { max: number; rows?: number }) {
  return (
    <Field path={path} {...field}>{({ id, status }) => (
      <Input.TextArea id={id} status={status} autoSize={{ minRows: rows, maxRows: rows + 3 }} maxLength={max} value={String(form.values[name])} onChange={(event) => form.set({ [name]: event.target.value } as Partial<V>)} />
    )}</Field>
  );
}

/** A sum as typed, with what was understood below it. */
export function SumField<V>(props: TextProps<V>) {
  const money = parseMoney(String(props.form.values[props.name]));
  return <TextField {...props} inputMode="decimal" hint={money ? <>= {formatMoney(money)}</> : props.hint} />;
}

/** A time as typed in the home zone. */
export function TimeField<V>({ form, name, path = name, ...field }: Bound<V, string>) {
  return (
    <Field path={path} {...field}>{({ id, status }) => (
      <TimeInput id={id} status={status} value={String(form.values[name])} onChange={(text) => form.set({ [name]: text } as Partial<V>)} />
    )}</Field>
  );
}

/** A whole number; null while the field is empty. */
export function CountField<V>({ form, name, path = name, min = 1, max, ...field }: Bound<V, number | null> & { min?: number; max?: number }) {
  return (
    <Field path={path} {...field}>{({ id, status }) => (
      <InputNumber id={id} status={status} min={min} max={max} value={form.values[name] as number | null} onChange={(count) => form.set({ [name]: count } as Partial<V>)} />
    )}</Field>
  );
}

interface ChoiceProps<V> extends Bound<V, string> {
  options: { value: string; label: string }[];
  /** May be left empty. */
  clear?: true;
  placeholder?: string;
  /** Width of the list where its words are longer than the field, in pixels. */
  listWidth?: number;
  /** Finds among the options by what they are called. */
  find?: true;
  /** Asks for other options with what was typed. */
  onFind?: (text: string) => void;
  /** What else follows from a choice. */
  onPick?: (value: string) => Partial<V>;
}

/** One of several. */
export function ChoiceField<V>({ form, name, path = name, options, clear, placeholder, listWidth, find, onFind, onPick, ...field }: ChoiceProps<V>) {
  const search = onFind ? { filterOption: false as const, onSearch: onFind } : find ? { optionFilterProp: "label" } : undefined;
  return (
    <Field path={path} {...field}>{({ id, status }) => (
      <Select
        id={id} status={status} allowClear={clear} placeholder={placeholder} showSearch={search} popupMatchSelectWidth={listWidth ?? true} options={options}
        value={String(form.values[name]) || undefined}
        onChange={(value: string | undefined) => form.set({ [name]: value ?? "", ...onPick?.(value ?? "") } as Partial<V>)}
      />
    )}</Field>
  );
}
