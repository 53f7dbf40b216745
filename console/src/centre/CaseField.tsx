/** The case that an order or an entry belongs to, found by its number, a name or an account. */
import { useState } from "react";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { get } from "../api/client";
import type { Page, ReportRow } from "../api/types";
import { ChoiceField, type Form } from "../shell/FormPage";

interface Props {
  form: Pick<Form<{ case_id: string }>, "values" | "set">;
  label: string;
  placeholder: string;
  className: string;
  /** It may be left open. */
  clear?: true;
  /** A case that is offered although the search does not find it: the one of an earlier order. */
  also?: { case_id: string; case_number: string };
}

export function CaseField({ also, clear, ...field }: Props) {
  const [search, setSearch] = useState("");
  const cases = useQuery({ queryKey: ["reports", { pick: search }], queryFn: async () => (await get<Page<ReportRow>>("/reports", { state: "submitted", q: search, limit: 20 })).items, placeholderData: keepPreviousData }).data ?? [];
  const options = cases.map((one) => ({ value: one.id, label: `${one.number} ${one.victim_name}` }));
  if (also && !options.some((one) => one.value === also.case_id)) options.unshift({ value: also.case_id, label: also.case_number });
  return <ChoiceField {...field} name="case_id" must={!clear} clear={clear} onFind={setSearch} options={options} />;
}
