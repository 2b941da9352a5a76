import { operation, ref } from "../../openapi.ts";
import { pageOf } from "../../page-docs.ts";
import { listQuery, replayShape } from "./schema.ts";

const example = {
  id: "delivery_01hk2ea8g0pq2a8az82r5z5w00",
  job_id: "job_01hk2ea8g0pq2a8az82r5z5w00",
  event_type: "job.finished",
  final: true,
  state: "dead",
  target: "https://hooks.example.com",
  tries: 6,
  created_at: "2024-01-01T12:00:05.000+08:00",
  next_attempt_at: null,
  settled_at: "2024-01-01T14:36:15.120+08:00",
  attempts: [{ at: "2024-01-01T14:36:15.020+08:00", duration: 0.1, status: 503, error: "answered 503" }],
};

const path = { id: { description: "Of a delivery, or of its job.", example: example.id } };
const missing = {
  status: 404,
  description: "There is no such delivery.",
  example: {
    message: "no such delivery; one is known from the end of a job with a webhook until the job is forgotten",
  },
};

export const listDocs = operation({
  id: "getDeliveries",
  scope: ["read"],
  tag: "Webhooks",
  summary: "List deliveries of webhooks",
  description:
    "That of the newest job first. A delivery is there from the end of its job until the job is forgotten; `state=dead` are the dead letters.",
  query: listQuery.schema,
  success: pageOf("Delivery", { description: "The deliveries.", example: example }),
  failures: [missing, 422, 503],
});

export const getDocs = operation({
  id: "getDelivery",
  scope: ["read"],
  tag: "Webhooks",
  summary: "Look at a delivery",
  path,
  success: {
    status: 200,
    description: "The delivery with its last attempts.",
    data: ref("Delivery"),
    example: { code: 200, message: "success", data: example },
  },
  failures: [missing, 422, 503],
});

export const replayDocs = operation({
  id: "replayDelivery",
  scope: ["exec", "config"],
  tag: "Webhooks",
  summary: "Send a delivery again",
  description:
    "One that came to rest becomes pending, with all its attempts anew and its id as it was. A dead one goes where it went before; what it took to send one that was delivered is erased, so that needs its `webhook` once more. The body may be empty.",
  path,
  body: {
    schema: replayShape.schema,
    examples: {
      again: { summary: "A dead letter", value: {} },
      elsewhere: {
        summary: "To another receiver",
        value: { webhook: { url: "https://hooks.example.com/netpulse", auth: ["netpulse", "secret"] } },
      },
    },
  },
  success: {
    status: 200,
    description: "The delivery, pending.",
    data: ref("Delivery"),
    example: {
      code: 200,
      message: "success",
      data: { ...example, state: "pending", tries: 0, settled_at: null, next_attempt_at: example.created_at },
    },
  },
  failures: [
    missing,
    {
      status: 409,
      description: "It is on its way, or was made and needs its webhook once more.",
      example: {
        message:
          "the delivery was made, and what it took to send it was erased; give the webhook once more in the body",
      },
    },
    ...[408, 413, 415, 422, 503],
  ],
});
