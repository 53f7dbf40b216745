/** Colours of the control room: one accent, amber for what ends soon, red only for what is ending or wrong. */
import { theme as antTheme, type ThemeConfig } from "antd";
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

/** The same values as in `shell.css`, for what antd draws. */
const TOKENS = {
  light: {
    colorPrimary: "#1756a9", colorError: "#b3261e", colorWarning: "#8a5700", colorSuccess: "#17663a", colorInfo: "#1756a9", colorLink: "#1756a9",
    colorText: "#17202b", colorTextSecondary: "#4a5767", colorTextTertiary: "#5d6a79", colorTextQuaternary: "#67737f", colorTextPlaceholder: "#67737f",
    colorBgLayout: "#e9edf2", colorBgContainer: "#ffffff", colorBgElevated: "#ffffff", colorBorder: "#b9c3cf", colorBorderSecondary: "#dbe1e8",
    colorTextDisabled: "#7b8794",
  },
  dark: {
    colorPrimary: "#4c93e6", colorError: "#ff8a80", colorWarning: "#f0b64a", colorSuccess: "#6fcf97", colorInfo: "#74b3ff", colorLink: "#7db8ff",
    colorText: "#e6ecf2", colorTextSecondary: "#b6c2cf", colorTextTertiary: "#9aa8b7", colorTextQuaternary: "#8d9bab", colorTextPlaceholder: "#8d9bab",
    colorBgLayout: "#0d1319", colorBgContainer: "#151d26", colorBgElevated: "#1b2530", colorBorder: "#3c4a59", colorBorderSecondary: "#283441",
    colorTextDisabled: "#7c8a99",
  },
} as const;

export function antThemeOf(look: Look): ThemeConfig {
  return {
    algorithm: look === "dark" ? antTheme.darkAlgorithm : antTheme.defaultAlgorithm,
    token: {
      ...TOKENS[look],
      fontFamily: "var(--sans)",
      fontFamilyCode: "var(--mono)",
      fontSize: 13,
      controlHeight: 30,
      controlHeightSM: 26,
      controlPaddingHorizontal: 9,
      padding: 12,
      paddingLG: 18,
      borderRadius: 4,
      borderRadiusLG: 6,
      motionDurationMid: "0.12s",
      motionDurationSlow: "0.16s",
      wireframe: false,
    },
    components: {
      Button: { primaryShadow: "none", defaultShadow: "none", dangerShadow: "none", primaryColor: look === "dark" ? "#08131f" : "#ffffff" },
      Table: { cellPaddingBlockSM: 5, cellPaddingInlineSM: 8, headerBorderRadius: 0 },
      Modal: { titleFontSize: 15 },
    },
  };
}
