import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import react from "@vitejs/plugin-react";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

/** Smaller files gain nothing by it. */
const PACKED_FROM_BYTES = 1024;

/** Packs each file once, at build time; the seat's server sends the packed one to browsers that take it. */
function packed(): Plugin {
  return {
    name: "shouhu-packed",
    apply: "build",
    writeBundle: async ({ dir = "dist" }, bundle) => {
      await Promise.all(Object.keys(bundle).map(async (name) => {
        const path = join(dir, name);
        const content = await readFile(path);
        if (content.length < PACKED_FROM_BYTES || !/\.(js|css|html|svg)$/.test(name)) return;
        await writeFile(`${path}.br`, brotliCompressSync(content, { params: { [constants.BROTLI_PARAM_QUALITY]: 10 } }));
        await writeFile(`${path}.gz`, gzipSync(content, { level: 9 }));
      }));
    },
  };
}

/** The seat's server that a development page talks to. */
const SEAT_URL = process.env.SHOUHU_URL ?? "http://127.0.0.1:8430";

export default defineConfig({
  plugins: [react(), packed()],
  server: { host: "127.0.0.1", proxy: { "/api": SEAT_URL } },
  preview: { host: "127.0.0.1", proxy: { "/api": SEAT_URL } },
  build: {
    target: "es2022",
    chunkSizeWarningLimit: 900,
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [{ name: "react", test: /node_modules[\\/](react|react-dom|scheduler)[\\/]/ }],
        },
      },
    },
  },
  test: { include: ["src/**/*.test.ts", "src/**/*.test.tsx"], environment: "node" },
});
