import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { type Netpulse, startNetpulse } from "../support/netpulse.ts";
import { readMetrics } from "../support/prometheus.ts";
import { Api } from "./support/api.ts";
import { startDevice } from "./support/device.ts";
import { on, startHeldJob } from "./support/held-job.ts";

setDefaultTimeout(30_000);

let netpulse: Netpulse;
let api: Api;
beforeAll(async () => {
  netpulse = await startNetpulse();
  api = new Api(netpulse);
});
afterAll(async () => {
  await netpulse?.stop();
});

/** As Prometheus asks, with `authorization` in its configuration. */
async function scrape(path: string) {
  const headers = {
    authorization: `Bearer ${netpulse.key}`,
    accept: "text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
  };
  const response = await fetch(`${netpulse.url}${path}`, { headers });
  expect(response.status).toBe(200);
  return Object.fromEntries(await readMetrics(await response.text()));
}

/** The state is kept for a second: asks until it shows. */
async function scrapeUntil(path: string, shows: (series: Record<string, number>) => boolean) {
  for (;;) {
    const series = await scrape(path);
    if (shows(series)) return series;
  }
}

test.each(["/metrics", "/health"])(
  "%s shows a job that runs, one that waits, and the session",
  async (path) => {
    await using device = await startDevice();
    const held = await startHeldJob(api, device);
    const waiting = await api.exec(on(device, { command: "show clock" }));
    const started = 'netpulse_jobs{status="started"}';
    const open = 'netpulse_sessions{state="connected"}';
    const series = await scrapeUntil(path, (seen) => seen[started] === 1 && (seen[open] ?? 0) >= 1);
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
    const told = await scrapeUntil(path, (seen) => found(seen, /^netpulse_node_claims_total\{/) >= 2);
    expect(found(told, /^netpulse_node_connects_total\{.*result="opened"/)).toBeGreaterThanOrEqual(1);
    await scrapeUntil(
      path,
      (seen) => seen[started] === 0 && seen['netpulse_queue_depth{kind="pinned"}'] === 0,
    );
  },
);
