/** Problems and their faults in words. Without the component library, for the public page uses it too. */
import { Problem } from "../api/client";
import type { Fault, ProblemBody } from "../api/types";
import { useLang, useT } from "./i18n";
import { SHELL } from "./texts";

/** The words of a problem in the language of the page. */
export function problemWords(body: ProblemBody, lang: "zh" | "en"): { title: string; detail: string } {
  const said = body.texts?.[lang];
  return said ? { title: said.title, detail: said.detail ?? "" } : { title: body.title ?? body.code, detail: body.detail ?? "" };
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
