/** Who did something, in words: the journal names a login, a desk of the seat, a partner seat, or anybody from outside. */
import { useT } from "./i18n";
import { usePartners } from "./partners";
import { SHELL } from "./texts";

export function Actor({ who }: { who: string | null | undefined }) {
  const t = useT(SHELL);
  const { nameOf } = usePartners();
  if (!who) return null;
  const [kind = "", ...rest] = who.split(":");
  if (rest.length === 0) return <>{who === "public" ? t("actorPublic") : who === "system" ? t("actorSystem") : who}</>;
  const of = rest.join(":");
  const words = kind === "partner" ? nameOf(of) : of.startsWith("command-line") ? t("actorCommandLine") : kind === "system" ? t("actorSystem") : who;
  return <span title={who}>{words}</span>;
}
