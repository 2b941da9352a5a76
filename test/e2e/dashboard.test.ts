import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { type Chromium, startChromium, type Visit } from "../support/chromium.ts";
import { DashboardPage } from "../support/dashboard-page.ts";
import { type Netpulse, startNetpulse } from "../support/netpulse.ts";
import { type Device, startDevice } from "./support/device.ts";
import { on } from "./support/held-job.ts";

setDefaultTimeout(90_000);

let chromium: Chromium;
let netpulse: Netpulse;
let device: Device;
beforeAll(async () => {
  device = await startDevice();
  [netpulse, chromium] = await Promise.all([startNetpulse(), startChromium()]);
});
afterAll(async () => {
  await chromium?.[Symbol.asyncDispose]();
  await netpulse?.stop();
  await device?.stop();
});

interface Session extends Visit, AsyncDisposable {
  dashboard: DashboardPage;
}

async function signedIn(): Promise<Session> {
  const visit = await chromium.open();
  const dashboard = await DashboardPage.open(visit.page, netpulse);
  // A page that stays open goes on asking the API.
  return { ...visit, dashboard, [Symbol.asyncDispose]: () => visit.page.close() };
}

/** Nothing went wrong, nobody else was asked, and the key is in no address. */
function expectClean({ requested, complaints }: Visit): void {
  // Chromium's own pictures, as in its fields for dates.
  const ours = [`${netpulse.url}/`, "data:image/svg+xml"];
  expect(complaints).toEqual([]);
  expect(requested.filter((url) => !ours.some((begin) => url.startsWith(begin)))).toEqual([]);
  expect(requested.filter((url) => url.includes(netpulse.key))).toEqual([]);
}

test("asks for the key, refuses a wrong one, and keeps the right one in this tab alone", async () => {
  const visit = await chromium.open();
  const { page } = visit;
  await page.goto(`${netpulse.url}/`);
  const dashboard = new DashboardPage(page, netpulse.url);
  await dashboard.signIn("not-the-key-of-this-service");
  await dashboard.says("That is not a key of this NetPulse", "body");
  visit.complaints.splice(0); // the browser reports the 401
  await dashboard.signIn(netpulse.key);
  await dashboard.says("Jobs a second");
  await page.reload();
  await dashboard.says("Jobs a second");
  const kept = await page.evaluate(
    "({ session: Object.values(sessionStorage), local: Object.values(localStorage), cookie: document.cookie })",
  );
  expect(kept).toEqual({ session: [netpulse.key], local: [], cookie: "" });
  await dashboard.press("Sign out");
  await dashboard.says("API key", "body");
  expect(await page.evaluate("sessionStorage.length")).toBe(0);
  expectClean(visit);
  await page.close();
});

test("runs commands from the console, shows their output while it comes, and finds the job again", async () => {
  await using device = await startDevice();
  await using session = await signedIn();
  const { dashboard } = session;
  await dashboard.go("console");
  device.hold("show users");
  await dashboard.fillConsole(device.args(), "show clock\nshow users");
  await dashboard.press("Run");
  await device.received("show users");
  await dashboard.says(/show clock\s.*UTC.*show users\s+running/, ".console-result");
  device.release();
  await dashboard.says(/finished\s+job_/, ".console-result");

  await dashboard.go("jobs");
  await dashboard.says("show clock +1");
  await dashboard.press("show clock +1", "table");
  await dashboard.says(/Queued.*Started.*waited.*Finished.*ran/);
  expect(await dashboard.text()).toContain(device.queue);
  await dashboard.press("Run again");
  await dashboard.says("Passwords are not kept");
  expect(await session.page.$eval("#text", (field) => (field as { value?: string }).value)).toBe(
    "show clock\nshow users",
  );
  expect(
    await session.page.$eval("#connection_args-password", (field) => (field as { value?: string }).value),
  ).toBe("");
  expectClean(session);
});

test("names the fields that the API refuses, and keeps what was typed", async () => {
  await using session = await signedIn();
  const { dashboard, page } = session;
  await dashboard.go("console");
  await dashboard.fillConsole({ ...device.args(), port: 70_000 }, "show clock");
  await dashboard.press("Run");
  await page.waitForSelector("#connection_args-port-wrong");
  expect(await dashboard.text("#connection_args-port-wrong")).toMatch(/65535/);
  expect(await page.evaluate("document.activeElement.id")).toBe("connection_args-port");
  session.complaints.splice(0); // the browser reports the 422
  expectClean(session);
});

test("cancels a queued job, and aborts a started one, after asking", async () => {
  await using device = await startDevice();
  await using session = await signedIn();
  const { dashboard } = session;
  device.hold("show users");
  const started = await netpulse.exec(on(device, { command: ["show clock", "show users"] }));
  await device.received("show users");
  const queued = await netpulse.exec(on(device, { command: "show version" }));

  await dashboard.go(`jobs/${queued.id}`);
  await dashboard.says(started.id); // what it waits for
  await dashboard.press("Cancel");
  await dashboard.press("Cancel the job", "dialog");
  await dashboard.says("cancelled");
  expect((await netpulse.ended(queued.id)).status).toBe("cancelled");

  await dashboard.go(`jobs/${started.id}`);
  await dashboard.press("Abort");
  await dashboard.press("Abort the job", "dialog");
  await dashboard.says("JobAborted");
  device.release();
  expectClean(session);
});

test("suspends, resumes and stops workers", async () => {
  await using session = await signedIn();
  const { dashboard } = session;
  await netpulse.ended((await netpulse.exec(on(device, { command: "show clock" }))).id);
  const [worker] = (await netpulse.client.workers.list({ host: device.handle.host })).items;
  const name = worker?.name ?? "";
  const status = async () =>
    (await netpulse.client.workers.list({ host: device.handle.host })).items[0]?.status;

  await dashboard.go(`workers?host=${device.handle.host}`);
  await dashboard.press(`Suspend ${name}`);
  await dashboard.press("Suspend", "dialog");
  await dashboard.says("suspended", "table");
  expect(await status()).toBe("suspended");
  await dashboard.press(`Resume ${name}`);
  await dashboard.says("idle", "table");
  await dashboard.press(`Stop ${name}`);
  await dashboard.press("Stop", "dialog");
  await dashboard.says("dead", "table");
  expect(await status()).toBe("dead");
  expectClean(session);
});

test("runs on many devices, tells which are refused, and follows the batch", async () => {
  await using session = await signedIn();
  const { dashboard } = session;
  const { host, port } = device.handle;
  await dashboard.go("console?many=yes");
  await dashboard.fill("#devices", `host,port,password\n${host},${port},admin\n192.0.2.1,99999,admin`);
  await dashboard.fillConsole({ ...device.args() }, "show clock");
  await dashboard.press("Run on all");
  await dashboard.says(/1 job queued.*1 finished.*1 entry refused.*192\.0\.2\.1/, ".console-result");
  await dashboard.press("Open the batch");
  await dashboard.says("1 of 1 job ended");
  await dashboard.go("batches");
  await dashboard.says(/batch_/);
  expectClean(session);
});

test("shows what a device prints as text, whatever it is, and its data as a table", async () => {
  await using session = await signedIn();
  const { dashboard, page } = session;
  const command = "show <img src=x onerror=alert(1)><script>document.title='taken'</script>";
  const parsing = { name: "regex", template: "(?P<what><script>.*</script>)" };
  const { id } = await netpulse.exec(on(device, { command, parsing }));
  await netpulse.ended(id);
  await dashboard.go(`jobs/${id}`);
  await dashboard.says("<img src=x onerror=alert(1)>");
  expect(await page.$$eval("main img, main script", (found) => found.length)).toBe(0);
  expect(await page.title()).not.toBe("taken");

  const brief = { name: "regex", template: "^(?P<interface>\\S+Ethernet\\S+) +(?P<address>\\S+)" };
  const parsed = await netpulse.exec(on(device, { command: "show ip interface brief", parsing: brief }));
  await netpulse.ended(parsed.id);
  await dashboard.go(`jobs/${parsed.id}`);
  await dashboard.says(/interface\s+address\s+\S*Ethernet/);
  await dashboard.press("Text");
  await dashboard.says("Interface", "pre");
  expectClean(session);
});

test("filters jobs by every filter of the API, and pages through them by cursors", async () => {
  await using session = await signedIn();
  const { dashboard, page } = session;
  const ids = await Promise.all(
    Array.from({ length: 60 }, () => netpulse.exec(on(device, { command: "show clock" }))),
  );
  await Promise.all(ids.map(({ id }) => netpulse.ended(id)));
  await dashboard.go(`jobs?host=${device.handle.host}&status=finished`);
  await dashboard.says("Page 1 · 50 jobs");
  expect(await page.$$eval("table.rows tbody tr", (rows) => rows.length)).toBe(50);
  await dashboard.press("Older →");
  await dashboard.says("Page 2 · ");
  await dashboard.press("← Newer");
  await dashboard.says("Page 1 · ");

  await dashboard.press("failed", "nav[aria-label=Status]");
  await page.waitForFunction("location.hash.includes('status=failed')");
  await dashboard.fill("input[name=driver]", "paramiko");
  await dashboard.fill("input[name=node]", "none");
  await dashboard.press("Apply");
  await dashboard.says("No job is like that");
  const asked = new URL(session.requested.findLast((url) => url.includes("/job?")) ?? "").searchParams;
  expect(Object.fromEntries(asked)).toMatchObject({
    host: device.handle.host,
    status: "failed",
    driver: "paramiko",
    node: "none",
    outputs: "false",
    limit: "50",
  });
  expectClean(session);
});

test("shows devices, what their sessions are, and the audit log", async () => {
  await using session = await signedIn();
  const { dashboard } = session;
  await netpulse.ended((await netpulse.exec(on(device, { command: "show clock" }))).id);
  await dashboard.go("devices");
  await dashboard.says(new RegExp(`${RegExp.escape(device.handle.host)}\\s+connected\\s+closed`));
  await dashboard.press(device.handle.host, "table");
  await dashboard.says(/Last jobs.*show clock/);
  await dashboard.go("audit?action=exec");
  await dashboard.says(/default\s+exec\s+done/);
  await dashboard.go("overview");
  await dashboard.says(/Throughput.*Queue depth.*Latency.*Workers.*Sessions.*Failures by type/);
  expectClean(session);
});

describe("by keyboard alone", () => {
  test("one skips to the content, goes from view to view, opens rows and closes dialogs", async () => {
    await using session = await signedIn();
    const { dashboard, page } = session;
    await netpulse.ended((await netpulse.exec(on(device, { command: "show clock" }))).id);
    // Whoever has clicked goes on from there; a page that was just loaded begins at its top.
    await page.reload();
    await page.waitForSelector(".shell");
    await page.keyboard.press("Tab");
    expect(await dashboard.focused()).toBe("button Skip to the content");
    await page.keyboard.press("Enter");
    expect(await page.evaluate("document.activeElement.id")).toBe("content");

    await page.keyboard.press("g");
    await page.keyboard.press("j");
    await dashboard.says(/Jobs.*show clock/);
    await page.keyboard.press("/");
    expect(await dashboard.focused()).toStartWith("input Search");
    await page.keyboard.type(`${device.handle.host}\n`);
    await page.waitForFunction("location.hash.includes('host=')");
    await page.evaluate("document.activeElement.blur()");
    await page.keyboard.press("j");
    expect(await page.evaluate("document.activeElement.matches('[data-row]:focus-visible')")).toBe(true);
    await page.keyboard.press("Enter");
    await dashboard.says("Timeline");

    await page.keyboard.press("?");
    await dashboard.says("Next row", "dialog");
    await page.keyboard.press("Escape");
    await page.waitForFunction("document.querySelector('dialog') === null");
    expectClean(session);
  });
});

test("is dark or light as the system is, or as the switch says", async () => {
  await using session = await signedIn();
  const { dashboard, page } = session;
  const isDark = () =>
    page.evaluate("getComputedStyle(document.documentElement).backgroundColor === 'rgb(13, 18, 23)'");
  await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: "dark" }]);
  expect(await isDark()).toBe(true);
  await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: "light" }]);
  expect(await isDark()).toBe(false);
  await dashboard.press("Theme: system");
  await dashboard.press("Theme: light");
  expect(await isDark()).toBe(true);
  await page.reload();
  await dashboard.says("Theme: dark", ".foot");
  expect(await isDark()).toBe(true);
  expectClean(session);
});

test("says so when the API is away, and goes on when it is back", async () => {
  await using session = await signedIn();
  const { dashboard, page, complaints } = session;
  await page.setOfflineMode(true);
  await dashboard.says("No answer", ".health");
  await page.setOfflineMode(false);
  await dashboard.says("All is well", ".health");
  expect(complaints.filter((each) => !each.includes("ERR_INTERNET_DISCONNECTED"))).toEqual([]);
});
