import { writeFileSync } from "node:fs";
import { until } from "../e2e/support/until.ts";
import { program, startChild } from "./process.ts";
import { tempDir } from "./tempdir.ts";

/** What Prometheus' query API says of a series. */
export interface Sample {
  metric: Record<string, string>;
  value: [time: number, value: string];
}

export interface Prometheus {
  /** What an expression comes to now; rejects with Prometheus' own words when it is none. */
  query(expression: string): Promise<Sample[]>;
  /** Every metric that it has stored. */
  names(): Promise<string[]>;
  /** How its last scrape of each target went. */
  targets(): Promise<{ health: string; lastError: string; scrapeUrl: string }[]>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Debian's Prometheus with this configuration. */
export async function startPrometheus(config: string): Promise<Prometheus> {
  const folder = tempDir("prometheus");
  writeFileSync(folder.file("prometheus.yml"), config);
  const child = startChild(
    [
      program("prometheus", "prometheus"),
      `--config.file=${folder.file("prometheus.yml")}`,
      `--storage.tsdb.path=${folder.file("data")}`,
      "--web.listen-address=127.0.0.1:0",
    ],
    { env: { PATH: process.env.PATH ?? "" } },
  );
  const stop = async () => {
    await child.stop();
    folder.remove();
  };
  try {
    const [, address = ""] = await child.waitFor(/msg="Listening on" address=(127\.0\.0\.1:\d+)/, {
      deadline: 60_000,
    });
    const url = `http://${address}`;
    await until(
      "Prometheus is ready",
      async () => ((await fetch(`${url}/-/ready`)).ok ? true : null),
      30_000,
    );
    return { ...client(url), [Symbol.asyncDispose]: stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function client(url: string): Pick<Prometheus, "query" | "names" | "targets"> {
  async function ask<T>(path: string): Promise<T> {
    const answer = (await (await fetch(`${url}/api/v1/${path}`)).json()) as { data: T; error?: string };
    if (answer.error !== undefined) throw new Error(`Prometheus says of ${path}: ${answer.error}`);
    return answer.data;
  }
  return {
    query: async (expression) =>
      (await ask<{ result: Sample[] }>(`query?query=${encodeURIComponent(expression)}`)).result,
    names: () => ask("label/__name__/values"),
    targets: async () =>
      (await ask<{ activeTargets: Awaited<ReturnType<Prometheus["targets"]>> }>("targets")).activeTargets,
  };
}
