import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { type Netpulse, startNetpulse } from "../support/netpulse.ts";
import { Api } from "./support/api.ts";
import { startDevice } from "./support/device.ts";
import { on, startHeldJob } from "./support/held-job.ts";
import { Scraper } from "./support/scrape.ts";

setDefaultTimeout(30_000);

let netpulse: Netpulse;
let api: Api;
let scraper: Scraper;
beforeAll(async () => {
  netpulse = await startNetpulse();
  api = new Api(netpulse);
  scraper = new Scraper(netpulse);
});
afterAll(async () => {
  await netpulse?.stop();
});

test.each(["/metrics", "/health"])(
  "%s shows a job that runs, one that waits, and the session",
  async (path) => {
    await using device = await startDevice();
    const held = await startHeldJob(api, device);
    const waiting = await api.exec(on(device, { command: "show clock" }));
    const started = 'netpulse_jobs{status="started"}';
    const open = 'netpulse_sessions{state="connected"}';
    const series = await scraper.until(
      "a started job and its session",
      (seen) => seen[started] === 1 && (seen[open] ?? 0) >= 1,
      path,
    );
    expect(series).toMatchObject({
      netpulse_up: 1,
      'netpulse_storage_up{store="sqlite"}': 1,
      'netpulse_queue_depth{kind="pinned"}': 1,
      'netpulse_queues{kind="pinned"}': 1,
      'netpulse_workers{status="busy"}': 1,
    });
    expect(
      series['netpulse_http_requests_total{method="POST",route="/device/exec",status="2xx"}'],
    ).toBeGreaterThan(1);
    device.release();
    for (const { id } of [held, waiting]) expect((await api.ended(id)).status).toBe("finished");
    const found = (seen: Record<string, number>, series: RegExp) =>
      Object.entries(seen).find(([name]) => series.test(name))?.[1] ?? 0;
    const told = await scraper.until(
      "both claims",
      (seen) => found(seen, /^netpulse_node_claims_total\{/) >= 2,
      path,
    );
    expect(found(told, /^netpulse_node_connects_total\{.*result="opened"/)).toBeGreaterThanOrEqual(1);
    await scraper.untilIs({ [started]: 0, 'netpulse_queue_depth{kind="pinned"}': 0 }, path);
  },
);
