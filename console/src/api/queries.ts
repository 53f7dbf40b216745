/** How answers of the seat are kept in the page. */
import { QueryClient } from "@tanstack/react-query";
import { Problem } from "./client";

export function newQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 5_000,
        refetchOnWindowFocus: false,
        // What was refused is refused again; only what failed is tried anew.
        retry: (count, error) => count < 2 && !(error instanceof Problem && error.status >= 400 && error.status < 500),
      },
    },
  });
}
