/** Masked personal data that opens on a stated purpose, for a short while, and leaves an entry in the journal. */
import { Button, Input, Modal, Radio } from "antd";
import { useEffect, useState, type ReactNode } from "react";
import { post } from "../api/client";
import { formatAccount, formatPhone } from "./format";
import { useT } from "./i18n";
import { useSession } from "./session";
import { SHELL } from "./texts";
import { ProblemAlert } from "./problem";

/** How long a revealed value stays on the screen. */
const SHOWN_S = 60;
const PURPOSES = ["revealVerify", "revealContact", "revealCase", "revealAnswer", "revealOther"] as const;

interface RevealProps {
  /** Whose data: `report:<id>`, `order:<id>`. */
  subject: string;
  /** Which field, as the seat names it: `victim.phone`. */
  field: string;
  shape?: "phone" | "account" | "text";
  /** What is seen while masked. */
  children: ReactNode;
}

export function Reveal({ subject, field, shape = "text", children }: RevealProps) {
  const t = useT(SHELL);
  const { may } = useSession();
  const [asking, setAsking] = useState(false);
  const [purpose, setPurpose] = useState<(typeof PURPOSES)[number]>("revealVerify");
  const [other, setOther] = useState("");
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const [value, setValue] = useState<string | null>(null);
  const [left, setLeft] = useState(0);

  useEffect(() => {
    if (value === null) return;
    const timer = setInterval(() => setLeft((seconds) => seconds - 1), 1000);
    return () => clearInterval(timer);
  }, [value]);
  useEffect(() => {
    if (value !== null && left <= 0) setValue(null);
  }, [left, value]);
  useEffect(() => setValue(null), [subject, field]);

  async function ask() {
    setBusy(true);
    setError(null);
    try {
      const stated = purpose === "revealOther" ? other.trim() : `${SHELL[purpose].zh}`;
      const answer = await post<{ value: string }>("/reveal", { subject, field, purpose: stated });
      setValue(answer.value);
      setLeft(SHOWN_S);
      setAsking(false);
    } catch (problem) {
      setError(problem);
    } finally {
      setBusy(false);
    }
  }

  if (value !== null) {
    const shown = shape === "phone" ? formatPhone(value) : shape === "account" ? formatAccount(value) : value;
    return (
      <span>
        <span className="revealed" title={t("revealedFor", { n: left })}>{shown}</span>
        <button type="button" className="reveal" onClick={() => setValue(null)}>{t("hide")}</button>
      </span>
    );
  }
  return (
    <span>
      {children}
      {may("reveal") && <button type="button" className="reveal" onClick={() => setAsking(true)}>{t("reveal")}</button>}
      <Modal
        open={asking}
        title={t("revealTitle")}
        onCancel={() => setAsking(false)}
        width={380}
        destroyOnHidden
        footer={
          <>
            <Button onClick={() => setAsking(false)}>{t("cancel")}</Button>
            <Button type="primary" loading={busy} disabled={purpose === "revealOther" && other.trim().length < 2} onClick={() => void ask()}>{t("revealDo")}</Button>
          </>
        }
      >
        <ProblemAlert error={error} />
        <p className="muted" style={{ marginBottom: 8 }}>{t("revealPurpose")}</p>
        <Radio.Group
          value={purpose}
          onChange={(event) => setPurpose(event.target.value)}
          options={PURPOSES.map((key) => ({ value: key, label: t(key) }))}
          orientation="vertical"
        />
        {purpose === "revealOther" && (
          <Input autoFocus style={{ marginTop: 8 }} aria-label={t("revealOtherWhat")} placeholder={t("revealOtherWhat")} value={other} maxLength={120} onChange={(event) => setOther(event.target.value)} />
        )}
      </Modal>
    </span>
  );
}
