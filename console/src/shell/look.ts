/** Light or dark: as chosen, or as the system. */
import { useSyncExternalStore } from "react";

export type ThemeChoice = "light" | "dark" | "system";
export type Look = "light" | "dark";

const STORED_UNDER = "shouhu.theme";
const listeners = new Set<() => void>();
const darkWanted = typeof matchMedia === "function" ? matchMedia("(prefers-color-scheme: dark)") : null;
let choice: ThemeChoice = read();

function read(): ThemeChoice {
  try {
    const stored = localStorage.getItem(STORED_UNDER);
    return stored === "light" || stored === "dark" ? stored : "system";
  } catch {
    return "system";
  }
}

export function currentLook(): Look {
  if (choice !== "system") return choice;
  return darkWanted?.matches ? "dark" : "light";
}

export function setTheme(next: ThemeChoice): void {
  choice = next;
  try {
    localStorage.setItem(STORED_UNDER, next);
  } catch {
    // Kept for this visit only.
  }
  applyLook();
}

export function applyLook(): void {
  document.documentElement.dataset.look = currentLook();
  for (const tell of listeners) tell();
}

darkWanted?.addEventListener("change", applyLook);

function subscribe(tell: () => void): () => void {
  listeners.add(tell);
  return () => listeners.delete(tell);
}

export function useLook(): Look {
  return useSyncExternalStore(subscribe, currentLook, () => "light");
}
