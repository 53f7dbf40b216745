/** Server time in the browser: an officer's workstation clock may be minutes off, a 48-hour stop may not. */
import { useSyncExternalStore } from "react";

let offsetMs = 0;
const listeners = new Set<() => void>();
let shownNow = Math.floor(Date.now() / 1000) * 1000;
let ticking: ReturnType<typeof setInterval> | null = null;

/** Takes the server's clock from an answer; half of the round trip is taken for the way back. */
export function learnServerTime(now: string, sentAt: number, receivedAt: number): void {
  const server = Date.parse(now);
  if (Number.isNaN(server)) return;
  offsetMs = server + (receivedAt - sentAt) / 2 - receivedAt;
}

export function serverNow(): number {
  return Date.now() + offsetMs;
}

function tick(): void {
  shownNow = Math.floor(serverNow() / 1000) * 1000;
  for (const tell of listeners) tell();
}

function subscribe(tell: () => void): () => void {
  listeners.add(tell);
  if (!ticking) {
    tick();
    ticking = setInterval(tick, 1000);
  }
  return () => {
    listeners.delete(tell);
    if (listeners.size === 0 && ticking) {
      clearInterval(ticking);
      ticking = null;
    }
  };
}

/** Server time, renewed each second by one timer for the whole page. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, () => shownNow, () => shownNow);
}
