import { Type } from "@sinclair/typebox";
import { operation, ref } from "../../openapi.ts";
import { metricsText } from "../metrics/docs.ts";
import { healthQuery } from "./schema.ts";

const ok = { code: 200, message: "success", data: "ok" };

export const healthDocs = operation({
  id: "getHealth",
  tag: "Health",
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
    { status: 503, description: "Not now: it is draining, which the message says, or /health says why." },
  ],
  open: true,
});
