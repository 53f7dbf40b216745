/** The public pages stand by themselves: a phone on a slow line loads no part of the console. */
import { QueryClientProvider } from "@tanstack/react-query";
import { newQueryClient } from "../api/queries";
import PublicReport from "./report/PublicReport";

const client = newQueryClient();

export function Root() {
  return <QueryClientProvider client={client}><PublicReport /></QueryClientProvider>;
}
