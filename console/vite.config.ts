import react from "@vitejs/plugin-react";
import type { PluginOption } from "vite";
import { defineConfig } from "vitest/config";

/** The seat's server that a development page talks to. */
const SEAT_URL = process.env.SHOUHU_URL ?? "http://127.0.0.1:8430";

export default defineConfig(async ({ mode }) => {
  const plugins: PluginOption[] = [react()];
  // The mock answers for a seat while pages are written; it is a server plugin, so nothing of it reaches the bundle.
  if (mode === "mock") plugins.push((await import("./src/mock/plugin")).mockSeat());
  return {
    plugins,
    server: { host: "127.0.0.1", proxy: mode === "mock" ? undefined : { "/api": SEAT_URL } },
    preview: { host: "127.0.0.1", proxy: mode === "mock" ? undefined : { "/api": SEAT_URL } },
    build: {
      target: "es2022",
      chunkSizeWarningLimit: 900,
      rolldownOptions: {
        output: {
          codeSplitting: {
            groups: [{ name: "react", test: /node_modules[\\/](react|react-dom|react-router|scheduler|@tanstack)[\\/]/ }],
          },
        },
      },
    },
    test: { include: ["src/**/*.test.ts", "src/**/*.test.tsx"], environment: "node" },
  };
});
