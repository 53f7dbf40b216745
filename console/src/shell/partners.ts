/** The partner directory, for names and choices. */
import { useQuery } from "@tanstack/react-query";
import { get } from "../api/client";
import type { Page, Partner } from "../api/types";

export function usePartners(): { all: Partner[]; banks: Partner[]; nameOf: (id: string | null | undefined) => string } {
  const all = useQuery({ queryKey: ["partners"], queryFn: () => get<Page<Partner>>("/partners"), staleTime: 60_000, retry: false }).data?.items ?? [];
  return {
    all,
    banks: all.filter((partner) => partner.role === "bank"),
    nameOf: (id) => (id ? (all.find((partner) => partner.id === id)?.name ?? id) : "—"),
  };
}
