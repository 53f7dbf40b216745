/** Whether the page is as narrow as a phone; the same width as in `shell.css`. */
import { useSyncExternalStore } from "react";

const narrow = typeof matchMedia === "function" ? matchMedia("(max-width: 600px)") : null;

function subscribe(tell: () => void): () => void {
  narrow?.addEventListener("change", tell);
  return () => narrow?.removeEventListener("change", tell);
}

export function usePhone(): boolean {
  return useSyncExternalStore(subscribe, () => narrow?.matches ?? false, () => false);
}
