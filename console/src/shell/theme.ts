/** Colours of the control room: one accent, amber for what ends soon, red only for what is ending or wrong. */
import { theme as antTheme, type ThemeConfig } from "antd";
import type { Look } from "./look";

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
