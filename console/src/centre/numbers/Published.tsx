/** How far the list is published, what each operator has of it, and which entries appeals took away. */
import { useQuery, type UseQueryResult } from "@tanstack/react-query";
import { get } from "../../api/client";
import type { NumberAppeal, Page, PublishedList } from "../../api/types";
import { useT } from "../../shell/i18n";
import { usePartners } from "../../shell/partners";
import { Card, CardLevel, Chip, PhoneText, TimeText } from "../../shell/pieces";
import { QueryView } from "../../shell/views";
import { NUMBERS } from "./texts";

function Has({ have, number }: { have: number | null | undefined; number: number }) {
  const t = useT(NUMBERS);
  if (have === null || have === undefined) return <Chip sign="○">{t("silent")}</Chip>;
  return have >= number ? <Chip tone="green" sign="✓">{t("current")}</Chip> : <Chip tone="amber" sign="◔">{t("behind", { n: number - have })}</Chip>;
}

function Appeals() {
  const t = useT(NUMBERS);
  const { nameOf } = usePartners();
  const query = useQuery({ queryKey: ["number-entries", "appeals"], queryFn: async () => (await get<Page<NumberAppeal>>("/number-appeals")).items });
  return (
    <Card flush title={t("appeals")}>
      <QueryView query={query} lines={2}>
        {(appeals) => appeals.length === 0 ? <p className="faint" style={{ padding: "8px 12px" }}>{t("appealsNone")}</p> : (
          <div className="sheet-wrap bare"><table className="sheet">
            <thead><tr><th>{t("number")}</th><th>{t("operator")}</th><th>{t("reason")}</th><th>{t("grantedBy")}</th><th>{t("grantedAt")}</th></tr></thead>
            <tbody>{appeals.map((one) => <tr key={one.id}><td><PhoneText value={one.number} /></td><td>{nameOf(one.partner, one.partner_name)}</td><td>{one.reason}</td><td>{one.granted_by}</td><td><TimeText at={one.granted_at} /></td></tr>)}</tbody>
          </table></div>
        )}
      </QueryView>
    </Card>
  );
}

export function Published({ query }: { query: UseQueryResult<PublishedList, Error> }) {
  const t = useT(NUMBERS);
  const { nameOf } = usePartners();
  return (
    <CardLevel value={2}><div className="detail-body" tabIndex={-1}>
      <QueryView query={query} right="numbers.read">
        {(list) => (
          <Card flush title={<>{t("published")} <span className="muted" style={{ fontWeight: 400 }}>{t("publishedTo", { n: list.number, entries: list.entries })}{list.changed_at && <> · {t("changedAt")} <TimeText at={list.changed_at} /></>}</span></>}>
            {list.operators.length === 0 ? <p className="faint" style={{ padding: "8px 12px" }}>{t("noOperators")}</p> : (
              <table className="sheet">
                <thead><tr><th>{t("operator")}</th><th className="num">{t("has")}</th><th>{t("state")}</th><th className="num">{t("underWay")}</th><th>{t("heardAt")}</th></tr></thead>
                <tbody>{list.operators.map((one) => <tr key={one.partner}><td className="strong">{nameOf(one.partner, one.name)}</td><td className="num">{one.have ?? "—"}</td><td><Has have={one.have} number={list.number} /></td><td className="num">{one.under_way}</td><td><TimeText at={one.at} shape="full" /></td></tr>)}</tbody>
              </table>
            )}
          </Card>
        )}
      </QueryView>
      <Appeals />
    </div></CardLevel>
  );
}
