import { Type } from "@sinclair/typebox";
import { operation, ref } from "../../openapi.ts";
import { metricsText } from "../metrics/docs.ts";
import { healthQuery } from "./schema.ts";

const ok = { code: 200, message: "success", data: "ok" };

/** With `verbose=true`. */
export const healthExample = {
  status: "ok",
  down: [],
  version: "1.0.0",
  uptime: 86_400.5,
  storage: { name: "sqlite", ok: true, latency: 0.0003, size_bytes: 1_048_576 },
  api: {
    ok: true,
    requests: 1200,
    error_rate: 0,
    max_error_rate: 0.05,
    latency_p50: 0.001,
    latency_p99: 0.012,
  },
  workers: { busy: 1, idle: 7, suspended: 0, dead: 0, oldest_heartbeat: "2024-01-01T12:00:00.000+08:00" },
  queues: [{ queue: "FifoQ", depth: 3, oldest_age: 0.8 }],
  jobs: { queued: 3, started: 1, finished: 50, failed: 1, cancelled: 0 },
};

/** Of an operation that always tells about each part. */
export const systemDown = {
  status: 503,
  description: "Something is down: `data` tells about each part all the same.",
  data: ref("Health"),
  example: {
    message: "not healthy: storage: disk I/O error",
    data: {
      ...healthExample,
      status: "down",
      down: ["storage: disk I/O error"],
      storage: { ...healthExample.storage, ok: false },
    },
  },
};

export const healthDocs = operation({
  id: "getHealth",
  tag: "Health",
  scope: ["read"],
  summary: "Whether everything works",
  description:
    '200 with `"ok"`, or 503 with what is down. Answers are at most a second old. Where `Accept` gives `text/plain` or OpenMetrics more weight than JSON: metrics, as at `/metrics`.',
  query: healthQuery.schema,
  success: {
    status: 200,
    description: '`"ok"`, or with `verbose=true` an object.',
    data: { anyOf: [{ type: "string", enum: ["ok"] }, ref("Health")] },
    text: metricsText,
    example: ok,
  },
  failures: [
    422,
    {
      status: 503,
      description: "Something is down: `data` has a line for each, or with `verbose=true` the same object.",
      data: { anyOf: [Type.Array(Type.String()), ref("Health")] },
      example: {
        message: "not healthy: storage: disk I/O error",
        data: ["storage: disk I/O error"],
      },
    },
  ],
});

export const liveDocs = operation({
  id: "getLiveness",
  tag: "Health",
  summary: "Whether the process answers",
  success: { status: 200, description: "It does.", data: Type.String(), example: ok },
  failures: [422],
  open: true,
});

export const readyDocs = operation({
  id: "getReadiness",
  tag: "Health",
  summary: "Whether the process should get requests",
  success: { status: 200, description: "It should.", data: Type.String(), example: ok },
  failures: [
    422,
    {
      status: 503,
      description: "Not now: it is draining, which the message says, or /health says why.",
      example: { message: "not ready" },
    },
  ],
  open: true,
});
