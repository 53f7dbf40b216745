/** Who sits here, at which seat, and what they may do. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { createContext, useContext, useEffect, useMemo, useState, type ReactNode } from "react";
import { call, get, keepCsrf, Problem, remove, whenSessionExpires } from "../api/client";
import type { Right, Seat, Session } from "../api/types";

/** How often the clock's offset is learnt anew. */
const SEAT_EVERY_MS = 5 * 60_000;

interface SessionContext {
  seat: Seat | undefined;
  seatError: Problem | null;
  session: Session | null | undefined;
  /** The session ended while a page was open; the page stays, a log-in is laid over it. */
  expired: boolean;
  may: (right: Right) => boolean;
  logIn: (login: string, password: string, totp?: string) => Promise<void>;
  logOut: () => Promise<void>;
  retry: () => void;
}

const Context = createContext<SessionContext | null>(null);

export function useSession(): SessionContext {
  const value = useContext(Context);
  if (!value) throw new Error("useSession outside SessionProvider");
  return value;
}

export function SessionProvider({ children }: { children: ReactNode }) {
  const client = useQueryClient();
  const [expired, setExpired] = useState(false);
  const seat = useQuery({ queryKey: ["seat"], queryFn: () => get<Seat>("/seat"), refetchInterval: SEAT_EVERY_MS, retry: 1 });
  const session = useQuery({
    queryKey: ["session"],
    staleTime: Number.POSITIVE_INFINITY,
    retry: 1,
    queryFn: async () => {
      try {
        return await call<Session>("GET", "/session", { quiet: true });
      } catch (problem) {
        if (problem instanceof Problem && problem.status === 401) return null;
        throw problem;
      }
    },
  });
  const data = session.data;
  useEffect(() => keepCsrf(data?.csrf ?? null), [data]);
  useEffect(() => {
    whenSessionExpires(() => setExpired(true));
    return () => whenSessionExpires(null);
  }, []);

  const value = useMemo<SessionContext>(() => {
    const rights = new Set<string>(data?.rights ?? []);
    return {
      seat: seat.data,
      seatError: seat.data ? null : ((seat.error ?? session.error) as Problem | null),
      session: data,
      expired: expired && Boolean(data),
      may: (right) => rights.has(right),
      logIn: async (login, password, totp) => {
        const answer = await call<Session>("POST", "/session", { body: { login, password, ...(totp ? { totp } : {}) }, quiet: true });
        keepCsrf(answer.csrf);
        const sameUser = data?.user.id === answer.user.id;
        client.setQueryData(["session"], answer);
        setExpired(false);
        // Another person at the same screen must not see what was loaded for the one before.
        if (data && !sameUser) client.removeQueries({ predicate: (query) => query.queryKey[0] !== "session" && query.queryKey[0] !== "seat" });
        else void client.invalidateQueries();
      },
      logOut: async () => {
        await remove("/session").catch(() => undefined);
        keepCsrf(null);
        client.removeQueries({ predicate: (query) => query.queryKey[0] !== "session" && query.queryKey[0] !== "seat" });
        client.setQueryData(["session"], null);
      },
      retry: () => {
        void seat.refetch();
        void session.refetch();
      },
    };
  }, [client, data, expired, seat, session]);

  return <Context value={value}>{children}</Context>;
}
