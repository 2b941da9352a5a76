import type { Page } from "puppeteer-core";
import { type Device, startDevice } from "../test/e2e/support/device.ts";
import { on } from "../test/e2e/support/held-job.ts";
import { startChromium } from "../test/support/chromium.ts";
import { DashboardPage } from "../test/support/dashboard-page.ts";
import { type Netpulse, startNetpulse } from "../test/support/netpulse.ts";

/** Pictures of the dashboard for the documentation: `bun scripts/dashboard-screenshots.ts [FOLDER]`. */
const FOLDER = process.argv[2] ?? Bun.fileURLToPath(new URL("../docs/images", import.meta.url));

/** How long the charts are given something to draw, and how often. */
const WORK_MS = 150_000;
const WAVE_MS = 1500;

const PARSER = {
  name: "regex",
  template:
    "^(?P<interface>\\S+) +(?P<address>[\\d.]+|unassigned) +YES +\\S+ +(?P<status>\\S.*?\\S) +(?P<protocol>\\S+)\\s*$",
};

await using first = await startDevice({ host: "127.0.1.11" });
await using second = await startDevice({ host: "127.0.1.12" });
await using third = await startDevice({ host: "127.0.1.13" });
await using netpulse = await startNetpulse({
  env: { NETPULSE_SERVER__API_KEY: "the-key-of-an-example", NETPULSE_NODE__NAME: "node-1" },
});
await using chromium = await startChromium();
const devices = [first, second, third];
await someWork(netpulse, devices);

const { page } = await chromium.open();
await page.setViewport({ width: 1440, height: 900, deviceScaleFactor: 1 });
await scheme(page, "light");
const dashboard = await DashboardPage.open(page, netpulse);
await dashboard.says("Failed last");
await moreWork(netpulse, devices);
const { parsed, held } = await lastWork(netpulse, devices);
const batch = await bulk(netpulse, devices);
await page.waitForFunction("document.querySelectorAll('.u-over').length === 3");
await dashboard.says(/Running\s+[1-9]/);
await picture("overview");
await scheme(page, "dark");
await picture("overview-dark");
await scheme(page, "light");

await show("jobs", "Created", "jobs");
await show(`jobs/${parsed}`, "Ethernet", "job");
await show(`jobs/${held}`, "show clock", "job-live");
await show("devices", "127.0.1.12", "devices");
await show("workers", "node-1", "workers");
await show("batches", "batch_", "batches");
await show(`batches/${batch}`, "ended", "batch");
await show("audit", "exec", "audit");
await show("console", "What to run", null);
await dashboard.fillConsole(first.args(), "show version\nshow clock");
await dashboard.press("Run");
await dashboard.says("Version", ".console-result");
await dashboard.says("finished", ".console-result");
await page.evaluate("document.activeElement.blur()");
await picture("console");
await page.setViewport({ width: 420, height: 900, deviceScaleFactor: 2 });
await show("jobs", "Command", "narrow");
for (const device of devices) device.release();

async function show(view: string, says: string, name: string | null): Promise<void> {
  await dashboard.go(view);
  await dashboard.says(says);
  if (name !== null) await picture(name);
}

async function picture(name: string): Promise<void> {
  await page.screenshot({ path: `${FOLDER}/dashboard-${name}.png` });
}

async function scheme(of: Page, value: "light" | "dark"): Promise<void> {
  await of.emulateMediaFeatures([{ name: "prefers-color-scheme", value }]);
}

/** Jobs that ended well, and badly. */
async function someWork(api: Netpulse, [one, two, three]: Device[]): Promise<void> {
  if (one === undefined || two === undefined || three === undefined)
    throw new Error("three devices are needed");
  const commands = [
    "show version",
    "show clock",
    "show ip interface brief",
    "show inventory",
    "show nonsense",
  ];
  const requests = [one, two, three].flatMap((device) => commands.map((command) => on(device, { command })));
  const wrong = { connection_args: two.args({ password: "wrong" }), command: "show version" };
  const away = { connection_args: two.args({ host: "127.0.1.99", timeout: 2 }), command: "show clock" };
  const jobs = await Promise.all([...requests, on(two, wrong), on(two, away)].map((each) => api.exec(each)));
  await Promise.all(jobs.map(({ id }) => api.ended(id)));
}

/** One whose output is parsed, one that goes on, and one that waits for it. */
async function lastWork(api: Netpulse, [one, , three]: Device[]): Promise<{ parsed: string; held: string }> {
  if (one === undefined || three === undefined) throw new Error("three devices are needed");
  const command = ["show ip interface brief", "show version"];
  const { id: parsed } = await api.exec(on(one, { command, parsing: PARSER }));
  await api.ended(parsed);
  three.hold("show users");
  const { id: held } = await api.exec(on(three, { command: ["show clock", "show users"] }));
  await three.received("show users");
  await api.exec(on(three, { command: "show version" }));
  return { parsed, held };
}

async function bulk(api: Netpulse, devices: Device[]): Promise<string> {
  const answer = await api.client.devices.bulk({
    driver: "netmiko",
    connection_args: { username: "admin", password: "admin", secret: "admin", device_type: "cisco_ios" },
    devices: devices.map(({ handle: { host, port } }) => ({ host, port })),
    command: "show clock",
  } as never);
  return String(answer.batch_id);
}

/** Waves of jobs, some of which wait for others, and a few that fail. */
async function moreWork(api: Netpulse, [one, two]: Device[]): Promise<void> {
  if (one === undefined || two === undefined) throw new Error("two devices are needed");
  const began = performance.now();
  for (let wave = 0; performance.now() - began < WORK_MS; wave++) {
    const size = Math.round(9 + 7 * Math.sin(wave / 6) + 4 * Math.sin(wave / 2.3));
    const jobs = Array.from({ length: 2 * Math.max(2, size) }, (_none, place) => {
      const command = place === 0 && wave % 4 === 0 ? "show nonsense" : "show clock";
      return api.exec(on(place % 3 === 0 ? two : one, { command }));
    });
    await Promise.all(jobs);
    await Bun.sleep(WAVE_MS);
  }
}
