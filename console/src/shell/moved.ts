/** Work that several persons may take: when another was first, that is said, and the lists are asked for again. */
import { useState } from "react";
import { useQueryClient } from "@tanstack/react-query";
import { Problem } from "../api/client";

/** Whether the seat refused because things stand differently by now: changed, or gone. */
export function hasMoved(error: unknown): error is Problem {
  return error instanceof Problem && (error.status === 409 || error.status === 404);
}

/**
 * `run` does an act; where things have moved it closes the form, whose row may vanish with the renewal, and keeps the
 * problem in `moved` for the page to show. Every other failure stays in the form.
 */
export function useMoved(lists: readonly string[]) {
  const client = useQueryClient();
  const [moved, setMoved] = useState<Problem | null>(null);
  const renew = () => void client.invalidateQueries({ predicate: (query) => lists.includes(String(query.queryKey[0])) });
  async function run(act: () => Promise<unknown>, leave: () => void): Promise<void> {
    setMoved(null);
    try {
      await act();
    } catch (error) {
      if (hasMoved(error)) {
        setMoved(error);
        renew();
        leave();
      }
      throw error;
    }
  }
  return { moved, renew, run };
}
