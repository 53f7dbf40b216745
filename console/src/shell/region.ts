/** The region scope chosen at the top: narrows the lists, never widens what the seat allows. */
import { useQuery } from "@tanstack/react-query";
import { useSyncExternalStore } from "react";
import { get } from "../api/client";
import type { Page, Region, ScamType } from "../api/types";
import { useLang } from "./i18n";

const STORED_UNDER = "shouhu.region";
const listeners = new Set<() => void>();
let chosen: string = (() => {
  try {
    return sessionStorage.getItem(STORED_UNDER) ?? "";
  } catch {
    return "";
  }
})();

export function setRegionScope(code: string): void {
  chosen = code;
  try {
    sessionStorage.setItem(STORED_UNDER, code);
  } catch {
    // Kept for this page only.
  }
  for (const tell of listeners) tell();
}

/** Code of the chosen region, or the empty text for the whole area. */
export function useRegionScope(): string {
  return useSyncExternalStore(
    (tell) => {
      listeners.add(tell);
      return () => listeners.delete(tell);
    },
    () => chosen,
  );
}

/** Tables that change once a year at most. */
const ONCE = { staleTime: Number.POSITIVE_INFINITY, gcTime: Number.POSITIVE_INFINITY };

export function useRegions(): Region[] {
  return useQuery({ queryKey: ["regions"], queryFn: () => get<Page<Region>>("/regions"), ...ONCE }).data?.items ?? [];
}

export function useRegionName(): (code: string | null | undefined) => string {
  const regions = useRegions();
  const lang = useLang();
  return (code) => {
    if (!code) return "—";
    const full = code.padEnd(6, "0");
    const found = regions.find((region) => region.code === full);
    if (!found) return code;
    const city = found.level === "county" ? regions.find((region) => region.code === found.parent) : undefined;
    if (!city) return found.name[lang];
    return lang === "zh" ? `${city.name.zh}${found.name.zh}` : `${found.name.en}, ${city.name.en}`;
  };
}

/** Choices for a region field: cities and counties in force, with the city before the county. */
export function useRegionChoices(): { value: string; label: string }[] {
  const regions = useRegions();
  const nameOf = useRegionName();
  return regions.filter((region) => region.level !== "province" && !region.successor).map((region) => ({ value: region.code, label: nameOf(region.code) }));
}

/** Leading digits of a region code: `430100` → `4301`. */
export function prefixOf(code: string): string {
  return code.replace(/(00)+$/, "");
}

export function useScamTypes(): { all: ScamType[]; nameOf: (code: string | null | undefined) => string } {
  const lang = useLang();
  const all = useQuery({ queryKey: ["scam-types"], queryFn: () => get<Page<ScamType>>("/scam-types"), ...ONCE }).data?.items ?? [];
  return {
    all,
    nameOf: (code) => (code ? (all.find((type) => type.code === code)?.name[lang] ?? code) : "—"),
  };
}
