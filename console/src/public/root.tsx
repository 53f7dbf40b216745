/** The public pages stand by themselves: a phone on a slow line loads no part of the console. */
import { QueryClientProvider } from "@tanstack/react-query";
import { lazy, Suspense } from "react";
import { newQueryClient } from "../api/queries";

const Page = window.location.pathname.endsWith("/appeal") ? lazy(() => import("./appeal/PublicAppeal")) : lazy(() => import("./report/PublicReport"));
const client = newQueryClient();

export function Root() {
  return <QueryClientProvider client={client}><Suspense><Page /></Suspense></QueryClientProvider>;
}
