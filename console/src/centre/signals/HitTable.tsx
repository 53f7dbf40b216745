/** Events that hit something, as operators reported them. */
import type { SignalHit } from "../../api/types";
import { formatPhone } from "../../shell/format";
import { useLang, useT, useWord } from "../../shell/i18n";
import { usePartners } from "../../shell/partners";
import { Chip, PhoneText, TimeText } from "../../shell/pieces";
import { Reveal } from "../../shell/Reveal";
import { CHANNELS, reasonWords, stops } from "../../words/screening";
import { ruleTitle } from "./model";
import { SIGNAL_ACTIONS, SIGNAL_REASONS, SIGNALS } from "./texts";

export function HitTable({ hits }: { hits: SignalHit[] }) {
  const t = useT(SIGNALS);
  const lang = useLang();
  const word = useWord();
  const { nameOf } = usePartners();
  if (hits.length === 0) return <p className="faint" style={{ padding: "8px 12px" }}>{t("none")}</p>;
  return (
    <div className="sheet-wrap bare">
      <table className="sheet">
        <thead><tr><th>{t("time")}</th><th>{t("channel")}</th><th>{t("caller")}</th><th>{t("callee")}</th><th>{t("action")}</th><th>{t("reason")}</th><th>{t("operator")}</th></tr></thead>
        <tbody>{hits.map((hit) => {
          const subject = `hit:${hit.partner}/${hit.id}`;
          return (
            <tr key={subject}>
              <td><TimeText at={hit.at} shape="full" /></td>
              <td className="nowrap">{word(CHANNELS, hit.channel)}</td>
              <td><Reveal subject={subject} field="caller" shape="phone"><PhoneText value={hit.caller} /></Reveal></td>
              <td>{hit.callee_known ? <Reveal subject={subject} field="callee" shape="phone"><PhoneText value={hit.callee} /></Reveal> : <PhoneText value={hit.callee} />}</td>
              <td><Chip tone={stops(hit.action) ? "red" : hit.action === "label" ? "amber" : ""} sign={stops(hit.action) ? "✕" : "◔"}>{word(SIGNAL_ACTIONS, hit.action)}</Chip></td>
              <td>{hit.detail ? ruleTitle(hit.rule, lang) ?? reasonWords(hit.detail, lang) : word(SIGNAL_REASONS, hit.reason)} <span className="faint">{[hit.pattern && formatPhone(hit.pattern), hit.probability_permille ? `${(hit.probability_permille / 10).toFixed(1)}%` : null].filter(Boolean).join(" · ")}</span></td>
              <td>{nameOf(hit.partner, hit.partner_name)}</td>
            </tr>
          );
        })}</tbody>
      </table>
    </div>
  );
}
