import { type Static, Type } from "@sinclair/typebox";
import { flag, oneOf } from "../../parameters.ts";
import { shape } from "../../shape.ts";

export const healthQuery = shape(
  Type.Object({ verbose: flag("Tells about each part.", false) }, { additionalProperties: false }),
);

const nullableNumber = (description: string) => Type.Union([Type.Number({ description }), Type.Null()]);
const nullableTime = (description: string) => Type.Union([Type.String({ description }), Type.Null()]);
const count = Type.Integer();

/** `data` of `GET /health?verbose=true`. */
export const HealthSchema = Type.Object(
  {
    status: oneOf(["ok", "degraded", "down"], "`degraded`: it works, but with more errors than allowed."),
    down: Type.Array(Type.String(), { description: "One line for each thing that is down." }),
    version: Type.String(),
    uptime: Type.Number({ description: "Seconds." }),
    storage: Type.Object({
      name: Type.String(),
      ok: Type.Boolean(),
      latency: nullableNumber("Seconds a read and a write took."),
      size_bytes: nullableNumber("Of the database file."),
    }),
    api: Type.Object({
      ok: Type.Boolean(),
      requests: Type.Integer({ description: "In the last minute." }),
      error_rate: Type.Number({ description: "Share of them that ended in a server error." }),
      max_error_rate: Type.Number({ description: "Above it the API counts as degraded." }),
      latency_p50: nullableNumber("Seconds."),
      latency_p99: nullableNumber("Seconds."),
    }),
    workers: Type.Object({
      busy: count,
      idle: count,
      suspended: count,
      dead: count,
      oldest_heartbeat: nullableTime("Of the workers that live."),
    }),
    queues: Type.Array(
      Type.Object({
        queue: Type.String(),
        depth: count,
        oldest_age: Type.Number({ description: "Seconds the oldest job has waited." }),
      }),
      { description: "Those with queued jobs, deepest first, at most 100." },
    ),
    jobs: Type.Record(Type.String(), Type.Integer(), { description: "How many there are by status." }),
  },
  { $id: "Health" },
);
export type HealthJson = Static<typeof HealthSchema>;
