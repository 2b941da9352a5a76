import { Elysia } from "elysia";
import type { Clock } from "../../../core/clock.ts";
import { noQuery, readQuery } from "../../query.ts";
import { SECURITY_HEADERS } from "../../reply.ts";
import type { Probe } from "../health/probe.ts";
import { metricsDocs } from "./docs.ts";
import { stateMetrics } from "./state.ts";

/** Every metric, as Prometheus reads it. */
export type Scrape = () => Promise<Response>;

export const TEXT_FORMAT = "text/plain; version=0.0.4; charset=utf-8";

/** Metrics in Prometheus' format. */
export interface MetricsText {
  text(): Promise<string>;
}

export interface ScrapeDeps {
  probe: Probe;
  /** What this process has counted. */
  counted: readonly MetricsText[];
  clock: Clock;
}

/** 200 also when something is down: a scrape that fails would hide what is. */
export function scraper({ probe, counted, clock }: ScrapeDeps): Scrape {
  return async () => {
    const state = await probe();
    const parts = await Promise.all([
      stateMetrics(state, clock.now()),
      ...counted.map((each) => each.text()),
    ]);
    return new Response(parts.join(""), { headers: { ...SECURITY_HEADERS, "content-type": TEXT_FORMAT } });
  };
}

export function metricsRoutes(scrape: Scrape) {
  return new Elysia({ name: "metrics" }).get(
    "/metrics",
    ({ request }) => {
      readQuery(request.url, noQuery);
      return scrape();
    },
    { detail: metricsDocs },
  );
}
