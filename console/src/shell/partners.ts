/** The partner directory, for names and choices. */
import { useQuery } from "@tanstack/react-query";
import { get } from "../api/client";
import { useLang, type Lang } from "./i18n";
import type { Page, Partner } from "../api/types";

export function nameIn(partner: Partner, lang: Lang): string {
  return lang === "en" ? partner.name_en || partner.name : partner.name;
}

export function usePartners(): { all: Partner[]; banks: { id: string; name: string }[]; operators: { id: string; name: string }[]; nameOf: (id: string | null | undefined, fallback?: string) => string } {
  const lang = useLang();
  const all = useQuery({ queryKey: ["partners"], queryFn: () => get<Page<Partner>>("/partners"), staleTime: 60_000, retry: false }).data?.items ?? [];
  const of = (role: Partner["role"]) => all.filter((partner) => partner.role === role).map((partner) => ({ id: partner.id, name: nameIn(partner, lang) }));
  return {
    all,
    banks: of("bank"),
    operators: of("operator"),
    nameOf: (id, fallback) => {
      if (!id) return "—";
      const partner = all.find((one) => one.id === id);
      return partner ? nameIn(partner, lang) : (fallback ?? id);
    },
  };
}
