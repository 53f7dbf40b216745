/** Providers and routes: one folder a seat, one folder a desk, each loaded when it is first opened. */
import { QueryClientProvider } from "@tanstack/react-query";
import { App as AntApp, ConfigProvider } from "antd";
import enUS from "antd/locale/en_US";
import zhCN from "antd/locale/zh_CN";
import { lazy } from "react";
import { BrowserRouter, Navigate, Route, Routes } from "react-router";
import { newQueryClient } from "./api/queries";
import { EnrolPage } from "./shell/Enrol";
import { Frame, useDesks } from "./shell/Frame";
import { useLang, useT } from "./shell/i18n";
import { LogInPage } from "./shell/LogIn";
import { SessionProvider, useSession } from "./shell/session";
import { SHELL } from "./shell/texts";
import { useLook } from "./shell/look";
import { antThemeOf } from "./shell/theme";
import { Empty, Failed, Loading } from "./shell/views";

const Intake = lazy(() => import("./centre/intake/Intake"));
const ImportDesk = lazy(() => import("./centre/intake/ImportDesk"));
const Stop = lazy(() => import("./centre/stop/Stop"));
const Chase = lazy(() => import("./centre/chase/ChaseDesk"));
const Lines = lazy(() => import("./centre/lines/Lines"));
const Numbers = lazy(() => import("./centre/numbers/Numbers"));
const Signals = lazy(() => import("./centre/signals/Signals"));
const Story = lazy(() => import("./centre/signals/Story"));
const Rules = lazy(() => import("./centre/rules/Rules"));
const Journal = lazy(() => import("./both/journal/Journal"));
const Users = lazy(() => import("./both/users/Users"));
const Partners = lazy(() => import("./both/partners/Partners"));
const Live = lazy(() => import("./operator/live/Live"));
const CarrierList = lazy(() => import("./operator/list/List"));
const ScreeningRules = lazy(() => import("./operator/rules/Rules"));
const CarrierStory = lazy(() => import("./operator/number/Story"));
const Appeals = lazy(() => import("./operator/appeals/Appeals"));
const CarrierLines = lazy(() => import("./operator/lines/Lines"));
const Senders = lazy(() => import("./operator/senders/Senders"));
const BankOrders = lazy(() => import("./bank/orders/Orders"));
const Holds = lazy(() => import("./bank/holds/Holds"));
const Accounts = lazy(() => import("./bank/accounts/Accounts"));
const Notices = lazy(() => import("./bank/notices/Notices"));

const client = newQueryClient();

function Room() {
  const t = useT(SHELL);
  const { seat, seatError, session, retry } = useSession();
  const desks = useDesks();
  if (seatError && session === undefined) return <div className="door"><Failed error={seatError} retry={retry} /></div>;
  if (session === null) return <LogInPage />;
  if (!seat || session === undefined) return <Loading lines={8} />;
  if (session.must_enrol) return <EnrolPage />;
  const home = desks[0]?.path;
  return (
    <Routes>
      <Route element={<Frame />}>
        <Route index element={home ? <Navigate to={home} replace /> : <Empty icon="lock" title={t("forbiddenTitle")} />} />
        {seat.seat === "operator" ? (
          <>
            <Route path="live" element={<Live />} />
            <Route path="list/imports/:import" element={<CarrierList imports />} />
            <Route path="list/:id?" element={<CarrierList />} />
            <Route path="rules/:id?" element={<ScreeningRules />} />
            <Route path="number" element={<CarrierStory />} />
            <Route path="appeals/:id?" element={<Appeals />} />
            <Route path="lines/:id?" element={<CarrierLines />} />
            <Route path="senders" element={<Senders />} />
          </>
        ) : seat.seat === "centre" ? (
          <>
            <Route path="intake/import" element={<ImportDesk />} />
            <Route path="intake/:id?" element={<Intake />} />
            <Route path="stop/:id?" element={<Stop />} />
            <Route path="chase/:case?" element={<Chase />} />
            <Route path="lines/:id?" element={<Lines />} />
            <Route path="numbers/:id?" element={<Numbers />} />
            <Route path="signals" element={<Signals />} />
            <Route path="story" element={<Story />} />
            <Route path="rules" element={<Rules />} />
          </>
        ) : (
          <>
            <Route path="orders/:id?" element={<BankOrders />} />
            <Route path="holds/:id?" element={<Holds />} />
            <Route path="accounts/:no?" element={<Accounts />} />
            <Route path="notices/:id?" element={<Notices />} />
          </>
        )}
        <Route path="journal" element={<Journal />} />
        <Route path="users" element={<Users />} />
        <Route path="partners/:id?" element={<Partners />} />
        <Route path="*" element={<Empty glyph="?" title={t("pageNotFound")} hint={t("notFoundHint")}><a href="/">{t("goHome")}</a></Empty>} />
      </Route>
    </Routes>
  );
}

export function Root() {
  const lang = useLang();
  const look = useLook();
  return (
    <ConfigProvider locale={lang === "zh" ? zhCN : enUS} theme={antThemeOf(look)} button={{ autoInsertSpace: false }}>
      <AntApp component={false} message={{ maxCount: 3 }}>
        <QueryClientProvider client={client}>
          <BrowserRouter>
            <SessionProvider><Room /></SessionProvider>
          </BrowserRouter>
        </QueryClientProvider>
      </AntApp>
    </ConfigProvider>
  );
}
