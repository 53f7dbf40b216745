// A walk through the console in Chromium, against seats that run: a report is taken from a narrative, its order is
// reviewed by another person, the bank holds the money, the chase shows it; the bank's clerk sees the order and the hold,
// the journal verifies. Pictures of each page in both languages, accessibility checked by axe-core.
import { execFile } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { promisify } from "node:util";
import { chromium } from "playwright-core";

const env = (name, fallback) => {
  const value = process.env[name] ?? fallback;
  if (value === undefined) throw new Error(`${name} is not set`);
  return value;
};
const CENTRE = env("SHOUHU_E2E_CENTRE");
const BANK = env("SHOUHU_E2E_BANK");
const OPERATOR = process.env.SHOUHU_E2E_OPERATOR;
const PASSWORD = env("SHOUHU_E2E_PASSWORD");
const PICTURES = env("SHOUHU_E2E_PICTURES", "pictures");
const practice = JSON.parse(readFileSync(join(env("SHOUHU_DEMO"), "demo.json"), "utf8")).practice;
const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const DESK = { width: 1366, height: 768 };
const WALL = { width: 3840, height: 2160 };
const PHONE = { width: 390, height: 844 };
const WAIT_MS = 20_000;

mkdirSync(PICTURES, { recursive: true });
let pictures = 0;
const offences = [];
const errors = [];

const browser = await chromium.launch({
  executablePath: env("SHOUHU_CHROMIUM", "/usr/bin/chromium"),
  args: [
    "--no-sandbox", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader",
  ],
});

/** A page of its own session. */
async function open(base, lang, viewport = DESK, path = "/") {
  const context = await browser.newContext({ viewport, locale: lang === "zh" ? "zh-CN" : "en-GB", timezoneId: "Asia/Shanghai", reducedMotion: "reduce" });
  await context.addInitScript((value) => { if (!localStorage.getItem("shouhu.lang")) localStorage.setItem("shouhu.lang", value); }, lang);
  const page = await context.newPage();
  page.setDefaultTimeout(WAIT_MS);
  page.on("pageerror", (error) => errors.push(`${page.url()}: ${error.message}`));
  await page.goto(base + path);
  return page;
}

async function logIn(base, login, lang = "zh") {
  const page = await open(base, lang);
  await page.locator("input[name=login]").fill(login);
  await page.locator("input[name=password]").fill(PASSWORD);
  await page.locator("button[type=submit]").click();
  await page.locator("input[name=login]").waitFor({ state: "detached" });
  return page;
}

/** A picture, and what axe-core says of the page: nothing serious may remain. */
async function look(page, name) {
  await page.screenshot({ path: join(PICTURES, `${name}.png`) });
  pictures += 1;
  await page.evaluate(AXE);
  const found = await page.evaluate(async () => {
    const result = await globalThis.axe.run({ exclude: [".ant-select-dropdown"] }, { runOnly: ["wcag2a", "wcag2aa"] });
    return result.violations
      .filter((one) => one.impact === "serious" || one.impact === "critical")
      .map((one) => `${one.id}: ${one.nodes.slice(0, 3).map((node) => node.target.join(" ")).join(" | ")}`);
  });
  offences.push(...found.map((one) => `${name}: ${one}`));
}

/** Goes on when the condition holds; says what was waited for when it does not. */
async function until(what, check) {
  const end = Date.now() + WAIT_MS;
  for (;;) {
    const value = await check();
    if (value) return value;
    if (Date.now() > end) throw new Error(`waited in vain: ${what}`);
    await new Promise((resolve) => { setTimeout(resolve, 100); });
  }
}

const step = (text) => process.stdout.write(`      ${text}\n`);
const field = (page, path) => page.locator(`[data-field="${path}"]`).first();
const say = (zh, en) => new RegExp(`${zh}|${en}`);

async function choose(page, path, text) {
  await field(page, path).locator(".ant-select").click();
  await page.keyboard.type(text);
  await page.locator(".ant-select-dropdown:visible .ant-select-item-option").first().waitFor();
  await page.keyboard.press("Enter");
  await page.keyboard.press("Tab");
}

async function walk() {
  step("intake: a narrative becomes a payment");
  const intake = await logIn(CENTRE, "intake");
  await look(intake, "intake-queue-zh");
  await intake.goto(`${CENTRE}/intake/pairs`);
  await until("the list of possible duplicates is shown", async () => (await intake.locator(".detail-body .card, .detail-body .state").count()) > 0);
  await look(intake, "intake-pairs-zh");
  await intake.goto(`${CENTRE}/intake/new`);
  const narrative = `我叫${practice.victim}，接到冒充客服的电话，说要退款。${practice.paid_at.slice(0, 16)} 我用手机银行转了${practice.amount}元到洞庭示范银行，户名${practice.payee_name}，账号${practice.payee_account}。`;
  await intake.locator("textarea").first().fill(narrative);
  await intake.getByRole("button", { name: say("识别", "Read") }).first().click();
  await intake.getByRole("button", { name: say("填入付款|全部填入", "Use as payment|Use all") }).first().click();
  await until("the account is taken over", async () => (await field(intake, "payments[0].payee_account").locator("input").inputValue()).replaceAll(" ", "") === practice.payee_account);

  step("intake: every fault is told at once, beside its field");
  await intake.locator(".detail-foot .ant-btn-primary").first().click();
  await intake.locator(".fault").first().waitFor();
  const told = await intake.locator(".fault").count();
  if (told < 3) throw new Error(`three faults at least were to be told, ${told} were`);
  await look(intake, "intake-faults-zh");

  step("intake: the report is submitted");
  await field(intake, "victim.name").locator("input").fill(practice.victim);
  await field(intake, "victim.phone").locator("input").fill(practice.phone);
  await choose(intake, "victim.region", "芙蓉");
  await choose(intake, "scam_type", "客服");
  await field(intake, "payments[0].paid_at").locator("input").fill(practice.paid_at);
  await field(intake, "payments[0].payer_account").locator("input").fill(practice.payer_account);
  await look(intake, "intake-form-zh");
  await intake.locator(".detail-foot .ant-btn-primary").first().click();
  await until("the report has left the form", async () => (await intake.locator(".save-state").count()) === 0);

  step("stop desk: another person reviews the order, in English");
  const reviewer = await logIn(CENTRE, "reviewer", "en");
  await reviewer.goto(`${CENTRE}/stop`);
  const amount = Number(practice.amount_minor / 100).toLocaleString("en-US", { minimumFractionDigits: 2 });
  const row = reviewer.getByText(amount).first();
  await row.waitFor();
  await look(reviewer, "stop-queue-en");
  await row.click();
  await reviewer.locator(".detail-foot .acts .ant-btn-primary").first().click();
  const confirm = reviewer.locator(".act-panel button.ant-btn-primary").first();
  await confirm.waitFor({ timeout: 3_000 }).then(() => confirm.click()).catch(() => undefined);

  step("the bank answers, and the desk sees it without reloading");
  const officer = await logIn(CENTRE, "officer");
  const held = async () => {
    const orders = await officer.evaluate(async () => (await (await fetch("/api/orders?queue=held")).json()).items);
    return orders.find((order) => order.kind === "stop" && order.level === 1 && order.check_amount?.minor === 15_800_000);
  };
  const order = await until("the bank holds money by the order", held);
  await officer.goto(`${CENTRE}/stop/${order.id}`);
  await officer.getByText(order.number).first().waitFor();
  await look(officer, "order-held-zh");

  step("chase: the money level by level");
  const chase = await until("the chase is dry", () => officer.evaluate(async (id) => {
    const found = await (await fetch(`/api/chases/${id}`)).json();
    return found.state === "dry" ? found : null;
  }, order.case_id));
  await officer.goto(`${CENTRE}/chase/${order.case_id}`);
  await officer.getByText(order.case_number).first().waitFor();
  const shown = (chase.stopped.minor / 100).toLocaleString("en-US", { minimumFractionDigits: 2 });
  await officer.getByText(shown).first().waitFor();
  await officer.waitForTimeout(600);
  await look(officer, "chase-zh");
  await officer.goto(`${CENTRE}/chase/waiting`);
  await until("the list of chases that ask is shown", async () => (await officer.locator(".detail-body .card, .detail-body .state").count()) > 0);
  await look(officer, "chase-waiting-zh");

  step("bank: the clerk sees the order and the hold");
  const clerk = await logIn(new URL(BANK).origin, "clerk");
  await look(clerk, "bank-orders-zh");
  const clerkB = await logIn(env("SHOUHU_E2E_BANK_B", BANK), "clerk", "en");
  await clerkB.goto(`${new URL(clerkB.url()).origin}/holds`);
  await look(clerkB, "bank-holds-en");

  step("journal: the chain is verified in the browser");
  const auditor = await logIn(CENTRE, "auditor");
  await auditor.goto(`${CENTRE}/journal`);
  await auditor.getByRole("button", { name: say("核验|验证", "Verify") }).first().click();
  const verification = () => auditor.evaluate(async () => (await fetch("/api/journal/verification")).json());
  await until("the journal is verified", async () => {
    const { running_since: running, last } = await verification();
    return !running && Boolean(last);
  });
  const verified = await verification();
  if (!verified.last.ok) throw new Error(`the journal does not verify: ${JSON.stringify(verified)}`);
  await until("the page shows it", async () => (await auditor.locator("main .ant-btn-loading").count()) === 0);
  await look(auditor, "journal-zh");

  if (OPERATOR) await carrier();

  step("public page: on a phone, in both languages");
  for (const lang of ["zh", "en"]) {
    const page = await open(CENTRE, lang, PHONE, "/public/report");
    await page.locator("form, main").first().waitFor();
    const wide = await page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
    if (wide) throw new Error(`the public page is wider than a phone (${lang})`);
    await look(page, `public-report-${lang}`);
  }
}

/** The carrier seat: scam calls are stopped while one looks; an appeal from a phone is granted, and holds at once. */
async function carrier() {
  const number = "19000004321";
  step("carrier: a province telephones, and the live page shows what is stopped");
  const calls = promisify(execFile)(env("SHOUHU_BIN"), ["scene", "caller", "--finish", "--demo", env("SHOUHU_DEMO")]);
  const live = await logIn(OPERATOR, "screener");
  await live.locator(".live canvas").first().waitFor();
  const stopped = live.locator(".big-figure.red dd").first();
  await until("stops are seen live", async () => Number((await stopped.textContent()).replaceAll(",", "")) > 20);
  await calls;
  await look(live, "operator-live-zh");
  step("carrier: a number is put on the list, and the screen would stop it");
  const screener = live;
  await screener.goto(`${OPERATOR}/list/new`);
  await field(screener, "number").locator("input").fill(number);
  await field(screener, "reason").locator("textarea").fill("多人举报冒充客服");
  await screener.locator(".detail-foot .ant-btn-primary").first().click();
  await screener.locator(".timeline li").first().waitFor();
  await look(screener, "operator-entry-zh");
  const judged = async () => screener.evaluate(async (caller) => {
    const { csrf } = await (await fetch("/api/session")).json();
    const answer = await fetch("/api/numbers/check", { method: "POST", headers: { "Content-Type": "application/json", "X-Shouhu-CSRF": csrf, "Idempotency-Key": crypto.randomUUID() }, body: JSON.stringify({ caller }) });
    return (await answer.json()).decision.action;
  }, number);
  if (!(await judged()).startsWith("reject")) throw new Error("a blocked number would not be stopped");

  step("carrier: its holder appeals on a phone, and the desk lets it through");
  const holder = await open(OPERATOR, "zh", PHONE, "/appeal");
  await holder.locator("[data-field=caller] input").first().fill(number);
  await holder.locator("[data-field=words] textarea").fill("这是我的快递工作号码，今天打给客户时被拦截。");
  await look(holder, "operator-appeal-phone-zh");
  await holder.locator(".big.primary").click();
  const reference = (await holder.locator(".big-number").textContent()).trim();
  await look(holder, "operator-appeal-taken-zh");
  await screener.goto(`${OPERATOR}/appeals`);
  await screener.getByText(reference).first().click();
  await screener.locator(".detail-foot .ant-btn-primary").first().click();
  await screener.locator(".act-panel textarea").fill("经核实为正常号码");
  await look(screener, "operator-appeal-zh");
  await screener.locator(".act-panel .ant-btn-primary").click();
  await until("the number goes through", async () => (await judged()) === "pass");

  step("carrier: a rule with a fault is told where, and every desk stands");
  await screener.goto(`${OPERATOR}/rules/new`);
  await field(screener, "name_zh").locator("input").fill("试验");
  await field(screener, "name_en").locator("input").fill("Trial");
  await screener.locator("#rule-expression").fill("caller.attempts_10m > 30 && caller.kidn == \"mobile\"");
  await screener.locator(".detail-foot .acts button").nth(1).click();
  await screener.locator(".expression-faults pre").first().waitFor();
  await look(screener, "operator-rule-fault-zh");
  const english = await logIn(OPERATOR, "screener", "en");
  for (const [path, name] of [["/rules", "rules"], ["/list", "list"], ["/number", "number"], ["/lines", "lines"], ["/senders", "senders"]]) {
    await english.goto(OPERATOR + path);
    await english.locator("h1").first().waitFor();
    await english.waitForTimeout(500);
    await look(english, `operator-${name}-en`);
  }
  await english.setViewportSize(WALL);
  await english.goto(`${OPERATOR}/live?wall=1`);
  await english.locator(".live.wall canvas").first().waitFor();
  await look(english, "operator-wall-en");

  step("carrier: a condition is tried on the calls of this day before anything holds");
  await screener.goto(`${OPERATOR}/rules/new`);
  await field(screener, "name_zh").locator("input").fill("短时多次呼叫");
  await field(screener, "name_en").locator("input").fill("Many calls in a short time");
  await screener.locator("#rule-expression").fill("caller.attempts_10m > 5");
  await screener.locator(".detail-foot .acts button").nth(2).click();
  const hits = screener.locator(".rule-form .facts .fact dd strong").first();
  await hits.waitFor();
  if (Number((await hits.textContent()).replaceAll(",", "")) < 1) throw new Error("the trial of a condition found no call");
  await look(screener, "operator-rule-tried-zh");
  const ruled = await screener.evaluate(async () => (await (await fetch("/api/rules")).json()).items.find((rule) => rule.stage === "live" && rule.decided > 0));
  if (!ruled) throw new Error("no rule decided a call");
  await screener.goto(`${OPERATOR}/rules/${ruled.id}`);
  await screener.locator("tr.here").first().waitFor();
  await look(screener, "operator-rule-beside-zh");

  await centreLines();
}

/** The lines officer sees whom the carrier warned, asks who was in touch, and finds it all under the one number. */
async function centreLines() {
  step("centre: whom a blocked number had reached was warned, and the order says how many");
  const officer = await logIn(CENTRE, "lines");
  const warned = await until("an order to warn is answered", () => officer.evaluate(async () => {
    const { items } = await (await fetch("/api/line-orders?kind=warn_contacts")).json();
    const done = items.find((order) => order.state === "done");
    return done ? (await fetch(`/api/line-orders/${done.id}`)).json() : null;
  }));
  if (warned.answer.messages.sent < 1) throw new Error("nobody was warned");
  await officer.goto(`${CENTRE}/lines/${warned.id}`);
  const sent = officer.locator(".detail .facts strong").first();
  await sent.waitFor();
  if ((await sent.textContent()) !== String(warned.answer.messages.sent)) throw new Error("the page shows another number of warnings than the answer");
  await look(officer, "centre-line-warned-zh");

  step("centre: who was in touch with it is asked, approved by another person, and answered under their eyes");
  await officer.goto(`${CENTRE}/lines/new?kind=query_contacts&from=${warned.id}`);
  await officer.locator(".note button").click();
  const line = field(officer, "line").locator("input");
  await until("the number is taken over", async () => (await line.inputValue()).length > 5);
  const number = await line.inputValue();
  await officer.locator(".detail-foot .ant-btn-primary").click();
  await officer.locator("[data-field=reason] .fault").waitFor();
  await look(officer, "centre-line-form-fault-zh");
  await field(officer, "reason").locator("textarea").fill("查明此号码联系过哪些人");
  await officer.locator(".detail-foot .ant-btn-primary").click();
  await officer.waitForURL(/\/lines\/[0-9a-f-]{36}$/);
  const id = officer.url().split("/").pop();
  const reviewer = await logIn(CENTRE, "reviewer", "en");
  await reviewer.goto(`${CENTRE}/lines/${id}`);
  await reviewer.locator(".detail-foot .acts .ant-btn-primary").first().click();
  await reviewer.locator(".act-panel button.ant-btn-primary").first().click();
  const contacts = officer.locator(".detail table.sheet tbody tr");
  await contacts.first().waitFor();
  const order = await officer.evaluate(async (of) => (await fetch(`/api/line-orders/${of}`)).json(), id);
  if (order.contacts < 1 || (await contacts.count()) !== Math.min(order.contacts, 200)) throw new Error("not every contact of the answer stands in the table");
  if (!(await contacts.first().textContent()).includes("****")) throw new Error("a contact is shown without its mask");
  await look(officer, "centre-line-contacts-zh");
  await reviewer.locator(".detail table.sheet tbody tr").first().waitFor();
  await look(reviewer, "centre-line-contacts-en");

  step("centre: the number's entry, its story, and what operators saw");
  await officer.goto(`${CENTRE}/numbers`);
  await officer.locator(".qrow").first().click();
  await officer.locator(".detail-head h2").waitFor();
  await look(officer, "centre-number-entry-zh");
  await officer.goto(`${CENTRE}/story`);
  await officer.locator("main input").first().fill(number);
  await officer.keyboard.press("Enter");
  await officer.getByText(order.number).first().waitFor();
  await officer.getByText(warned.number).first().waitFor();
  await look(officer, "centre-story-found-zh");
  await officer.goto(`${CENTRE}/signals`);
  await officer.locator("canvas").first().waitFor();
  await officer.locator(".page table.sheet tbody tr").first().waitFor();
  await look(officer, "centre-signals-found-zh");

  step("carrier: the same number in its own books");
  const clerk = await logIn(OPERATOR, "screener", "en");
  await clerk.goto(`${OPERATOR}/number`);
  await clerk.locator("main input").first().fill(number);
  await clerk.keyboard.press("Enter");
  await clerk.getByText(order.number).first().waitFor();
  await look(clerk, "operator-story-en");
  await clerk.getByText(order.number).first().click();
  await clerk.locator(".detail-head h2").waitFor();
  await look(clerk, "operator-line-answered-en");

  step("centre: lines, the number list, signals and one number, in English and in the dark");
  const chief = await logIn(CENTRE, "chief", "en");
  await chief.emulateMedia({ colorScheme: "dark" });
  for (const [path, name] of [["/lines", "lines"], ["/numbers", "numbers"], ["/signals", "signals"], ["/story", "story"]]) {
    await chief.goto(CENTRE + path);
    await chief.locator("h1").first().waitFor();
    await chief.waitForTimeout(500);
    await look(chief, `centre-${name}-en-dark`);
  }

  step("both: a phone shows each desk within its width");
  for (const [page, base, paths] of [[officer, CENTRE, ["/intake", `/lines/${id}`, "/numbers", "/signals", "/story"]], [clerk, OPERATOR, ["/live", "/list", "/rules", "/appeals", "/lines", "/senders"]]]) {
    await page.setViewportSize(PHONE);
    for (const path of paths) {
      await page.goto(base + path);
      await page.locator("h1:visible, h2:visible").first().waitFor();
      const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      if (over > 0) throw new Error(`${path} is ${over} px wider than a phone`);
    }
    await page.screenshot({ path: join(PICTURES, `phone-${base === CENTRE ? "centre" : "operator"}.png`) });
    pictures += 1;
  }
}

let failure = null;
try {
  await walk();
} catch (error) {
  failure = error;
  const pages = browser.contexts().flatMap((context) => context.pages());
  await Promise.all(pages.map((page, n) => page.screenshot({ path: join(PICTURES, `failed-${n}.png`) }).catch(() => undefined)));
}
await browser.close();
if (failure) throw failure;
if (errors.length > 0) throw new Error(`errors on the pages:\n${errors.join("\n")}`);
if (offences.length > 0) throw new Error(`axe-core found:\n${offences.join("\n")}`);
step(`${pictures} pictures in ${PICTURES}`);
