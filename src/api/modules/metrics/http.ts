import { Counter, Histogram, Registry } from "prom-client";
import type { Routes } from "../../routes.ts";

export interface Exchange {
  method: string;
  path: string;
  status: number;
  ms: number;
  /** It was held on purpose until a job had ended: says nothing about latency. */
  held: boolean;
}

/** Counts requests by what they were for; `routes` bounds how many series that can be. */
export interface HttpMetrics {
  record(exchange: Exchange): void;
  text(): Promise<string>;
}

const METHODS = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]);
/** Seconds. */
const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

export function httpMetrics(routes: Pick<Routes, "find">): HttpMetrics {
  const registry = new Registry();
  const registers = [registry];
  const requests = new Counter({
    name: "netpulse_http_requests_total",
    help: "Requests that this API has answered.",
    labelNames: ["method", "route", "status"],
    registers,
  });
  const latency = new Histogram({
    name: "netpulse_http_request_duration_seconds",
    help: "From a request to its answer, without those that waited for a job.",
    labelNames: ["route", "status"],
    buckets: BUCKETS,
    registers,
  });
  return {
    record({ method, path, status: code, ms, held }) {
      const route = routes.find(path) ?? "other";
      const status = `${Math.floor(code / 100)}xx`;
      requests.inc({ method: METHODS.has(method) ? method : "other", route, status });
      if (!held) latency.observe({ route, status }, ms / 1000);
    },
    text: () => registry.metrics(),
  };
}
