/** Names of the screening rules, for wherever `rule:12` is the reason. */
import { useQuery } from "@tanstack/react-query";
import { useCallback } from "react";
import { get } from "../../api/client";
import type { Page, ScreeningRule } from "../../api/types";
import { useLang } from "../../shell/i18n";
import { useSession } from "../../shell/session";

export function useRuleNames(): (id: number) => string | undefined {
  const lang = useLang();
  const { may } = useSession();
  const rules = useQuery({ queryKey: ["screening-rules"], queryFn: async () => (await get<Page<ScreeningRule>>("/rules")).items, enabled: may("operator.rules.write"), staleTime: 60_000 }).data;
  return useCallback((id) => {
    const rule = rules?.find((one) => one.id === id);
    return rule && (lang === "zh" ? rule.name_zh : rule.name_en);
  }, [rules, lang]);
}
