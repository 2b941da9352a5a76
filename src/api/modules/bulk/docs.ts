import { operation, ref, toOpenApi } from "../../openapi.ts";
import { idempotencyHeader } from "../device/schema.ts";
import { jobExample } from "../jobs/docs.ts";
import { BulkAnswerSchema, BulkBodySchema } from "./schema.ts";

export const batchIdExample = "batch_01hk1jvbg0ng3ah6t48jfew5";

export const queuedExample = {
  ...jobExample,
  status: "queued",
  started_at: null,
  ended_at: null,
  worker: null,
  result: null,
  duration: null,
  queue_time: null,
  node: null,
  attempts: 0,
  batch_id: batchIdExample,
};

const login = { device_type: "cisco_ios", username: "admin", password: "the devices' password" };

export const bulkExamples = {
  command: {
    summary: "One command on three routers, one of which has a password of its own",
    value: {
      driver: "netmiko",
      connection_args: login,
      devices: [
        { host: "192.0.2.1" },
        { host: "192.0.2.2" },
        { host: "192.0.2.3", password: "that device's own password" },
      ],
      command: "show version",
    },
  },
  careful: {
    summary: "A configuration that is tried on one device first, and stops after three failures",
    value: {
      driver: "netmiko",
      connection_args: login,
      devices: [
        { host: "192.0.2.1" },
        { host: "192.0.2.2", config: ["ntp server 192.0.2.201"] },
        { host: "192.0.2.3" },
      ],
      config: ["ntp server 192.0.2.200"],
      canary: 1,
      stop_after_failures: 3,
      options: { ttl: 3600 },
    },
  },
};

export const refusedExample = {
  index: 1,
  host: "192.0.2.256",
  reason: "connection_args.host: is neither a host name nor an IP address",
};

export const bulkDocs = operation({
  id: "bulkDevices",
  tag: "Devices",
  scope: ["exec", "config"],
  summary: "Run commands or apply a configuration on many devices",
  description:
    "Queues a job for each entry of `devices` and answers at once. An entry overrides `connection_args`, and may have a `command` or `config` of its own. What is wrong with an entry refuses that entry alone; what is wrong with the rest refuses the request. The jobs are a batch: `GET /batch/{id}`. A repeat with the same `Idempotency-Key` answers with the same batch, and completes it where the first request was cut off.",
  headers: idempotencyHeader,
  body: { schema: ref("BulkRequest"), examples: bulkExamples },
  success: {
    status: 201,
    description: "The jobs, and the entries that were refused.",
    data: BulkAnswerSchema,
    headers: { "Idempotency-Replayed": "`true` on a repeat that answers with the first batch." },
    example: {
      code: 200,
      message: "success",
      data: { succeeded: [queuedExample], failed: [refusedExample], batch_id: batchIdExample },
    },
  },
  failures: [408, 413, 415, 422, 503],
});

export function bulkComponents(): Record<string, unknown> {
  return { BulkRequest: toOpenApi(BulkBodySchema) };
}
