/** The figures of the live screen, once a second while it is open. */
import { useEffect, useState } from "react";
import { call } from "../../api/client";
import type { LiveView } from "../../api/types";

const RETRY_MS = 3000;

export function useFigures(): { figures: LiveView | null; heardAt: number; lost: boolean } {
  const [state, setState] = useState<{ figures: LiveView | null; heardAt: number; lost: boolean }>({ figures: null, heardAt: Date.now(), lost: false });
  useEffect(() => {
    let source: EventSource | null = null;
    let retry: ReturnType<typeof setTimeout> | null = null;
    const open = () => {
      source = new EventSource("/api/live/stream");
      source.addEventListener("live", (event) => {
        try {
          setState({ figures: JSON.parse((event as MessageEvent<string>).data) as LiveView, heardAt: Date.now(), lost: false });
        } catch {
          // One figure that does not read is followed by the next.
        }
      });
      source.onerror = () => {
        // The stream ends by itself every few minutes and the browser opens it again; only a closed one needs help.
        if (source?.readyState !== EventSource.CLOSED) return;
        setState((old) => ({ ...old, lost: true }));
        void call("GET", "/session").catch(() => undefined);
        retry = setTimeout(open, RETRY_MS);
      };
    };
    open();
    return () => {
      source?.close();
      if (retry) clearTimeout(retry);
    };
  }, []);
  return state;
}
