import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { blocksOf, DOCUMENT } from "../contract/document.ts";
import { type Netpulse, startNetpulse } from "../support/netpulse.ts";
import { type Prometheus, startPrometheus } from "../support/prometheus-server.ts";
import { Api } from "./support/api.ts";
import { type Device, startDevice } from "./support/device.ts";
import { on } from "./support/held-job.ts";
import { until } from "./support/until.ts";

setDefaultTimeout(90_000);

const DOCS = join(import.meta.dir, "../../docs");

let device: Device;
let netpulse: Netpulse;
let prometheus: Prometheus;
beforeAll(async () => {
  device = await startDevice();
  netpulse = await startNetpulse({
    env: { NETPULSE_WORKER__LEASE: "2", NETPULSE_WORKER__LEASE_MARGIN: "0.5" },
  });
  await new Api(netpulse).run(on(device, { command: "show clock" }));
  prometheus = await startPrometheus(configuration(netpulse));
  await until(
    "a scrape with what the node tells",
    async () => await seen("netpulse_job_duration_seconds_count"),
    60_000,
  );
});
afterAll(async () => {
  await prometheus?.[Symbol.asyncDispose]();
  await netpulse?.stop();
  await device?.stop();
});

/** The document's own, with the key, and where the API is here. */
function configuration({ url, key }: Netpulse): string {
  const block = blocksOf(DOCUMENT).find(({ text }) => text.startsWith("# prometheus.yml\n"));
  let config = block?.text ?? "";
  const changes: [string, string][] = [
    ["localhost:9000", new URL(url).host],
    ["scrape_interval: 30s", "scrape_interval: 1s"],
    ["metrics_path: '/health'", `metrics_path: '/health'\n    authorization: {credentials: '${key}'}`],
  ];
  for (const [from, to] of changes) {
    expect(config.split(from)).toHaveLength(2);
    config = config.replace(from, to);
  }
  return config;
}

async function seen(name: string): Promise<true | null> {
  return (await prometheus.query(name)).length > 0 ? true : null;
}

test("Prometheus scrapes /health with the document's configuration and the key", async () => {
  const [target] = await prometheus.targets();
  expect(target).toMatchObject({ health: "up", lastError: "", scrapeUrl: `${netpulse.url}/health` });
  const [up] = await prometheus.query("netpulse_up");
  expect(up).toMatchObject({ metric: { job: "netpulse" }, value: [expect.any(Number), "1"] });
  const [finished] = await prometheus.query('netpulse_jobs{status="finished"}');
  expect(finished?.value[1]).toBe("1");
  const ended = await prometheus.query('netpulse_job_duration_seconds_count{result="success"}');
  expect(ended.map(({ metric, value }) => [metric.driver, value[1]])).toEqual([["netmiko", "1"]]);
});

test("every metric that docs/metrics.md lists is stored, and no other of ours", async () => {
  const listed = [
    ...readFileSync(join(DOCS, "metrics.md"), "utf8").matchAll(/^\| `(netpulse_\w+)` \|/gm),
  ].map(([, name = ""]) => name);
  const stored = (await prometheus.names()).filter((name) => name.startsWith("netpulse_"));
  const families = new Set(stored.map((name) => name.replace(/(?<=_seconds)_(bucket|sum|count)$/, "")));
  expect([...families].sort()).toEqual([...new Set(listed)].sort());
});

describe("the example dashboard", () => {
  interface Panel {
    type: string;
    title: string;
    targets?: { expr: string; datasource: unknown }[];
    datasource?: unknown;
  }
  const dashboard = JSON.parse(readFileSync(join(DOCS, "grafana/netpulse.json"), "utf8"));
  const panels: Panel[] = dashboard.panels;
  const shown = panels.filter(({ type }) => type !== "row");
  const expressions = shown.flatMap(({ title, targets }) =>
    (targets ?? []).map(({ expr }): [string, string] => [title, expr]),
  );
  /** As Grafana fills it in. */
  const filled = (expression: string) =>
    expression.replaceAll("$job", "netpulse").replaceAll("$__rate_interval", "1m");

  test.each(expressions)("%s: %s", async (_title, expression) => {
    expect(filled(expression)).not.toContain("$");
    const names = [...new Set(expression.match(/netpulse_\w+/g))];
    expect(names).not.toEqual([]);
    const stored = await prometheus.names();
    expect(names.filter((name) => !stored.includes(name))).toEqual([]);
    await prometheus.query(filled(expression));
  });

  test("shows gauges at once", async () => {
    for (const [title, expression] of expressions.filter(([, each]) => !each.includes("rate("))) {
      expect([title, (await prometheus.query(filled(expression))).length > 0]).toEqual([title, true]);
    }
  });

  test("shows every metric that docs/metrics.md lists", () => {
    const listed = readFileSync(join(DOCS, "metrics.md"), "utf8").matchAll(/^\| `(netpulse_\w+)` \|/gm);
    const all = expressions.map(([, expression]) => expression).join("\n");
    expect([...listed].map(([, name = ""]) => name).filter((name) => !all.includes(name))).toEqual([]);
  });

  test("fits one screen's width, panels beside each other", () => {
    const places = dashboard.panels.map(
      ({ gridPos }: { gridPos: { x: number; y: number; w: number; h: number } }) => gridPos,
    );
    const cells = places.flatMap(({ x, y, w, h }: { x: number; y: number; w: number; h: number }) =>
      Array.from({ length: w * h }, (_, n) => `${x + (n % w)},${y + Math.floor(n / w)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
    expect(Math.max(...places.map(({ x, w }: { x: number; w: number }) => x + w))).toBe(24);
    expect(new Set(dashboard.panels.map(({ id }: { id: number }) => id)).size).toBe(dashboard.panels.length);
  });
});
