import { expect } from "bun:test";
import { readMetrics } from "../../support/prometheus.ts";
import { until } from "./until.ts";

export type Values = Record<string, number>;

/** Reads an API's metrics. */
export class Scraper {
  readonly #url: string;
  readonly #key: string;

  constructor({ url, key }: { url: string; key: string }) {
    this.#url = url;
    this.#key = key;
  }

  /** As Prometheus asks, with `authorization` in its configuration. */
  async read(path = "/metrics"): Promise<Values> {
    const headers = {
      authorization: `Bearer ${this.#key}`,
      accept: "text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
    };
    const response = await fetch(`${this.#url}${path}`, { headers });
    expect(response.status).toBe(200);
    return Object.fromEntries(await readMetrics(await response.text()));
  }

  /** The state is kept for a second, and nodes tell with their heartbeats: asks until they show it. */
  async until(what: string, shows: (values: Values) => boolean, path?: string): Promise<Values> {
    let last: Values = {};
    const look = async () => {
      last = await this.read(path);
      return shows(last) ? last : null;
    };
    try {
      return await until(what, look, 20_000);
    } catch (error) {
      throw new Error(`${error}; at last:\n${JSON.stringify(last, null, 1)}`);
    }
  }

  /** The same, until these series have these values. */
  untilIs(expected: Values, path?: string): Promise<Values> {
    const entries = Object.entries(expected);
    return this.until(
      `metrics are ${JSON.stringify(expected)}`,
      (values) => entries.every(([name, value]) => values[name] === value),
      path,
    );
  }
}
