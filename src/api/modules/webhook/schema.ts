import { type Static, Type } from "@sinclair/typebox";
import { DELIVERY_STATES } from "../../../core/webhook.ts";
import { cursorParameter, limitParameter, oneOf, textParameter } from "../../parameters.ts";
import { shape } from "../../shape.ts";
import { webhookSchema } from "../device/webhook.ts";

export const listQuery = shape(
  Type.Object(
    {
      state: Type.Optional(oneOf(DELIVERY_STATES, "`dead`: no attempt is left.")),
      job_id: textParameter("The delivery of one job; it decides alone.", "job_01hk2ea8g0pq2a8az82r5z5w00"),
      limit: limitParameter,
      cursor: cursorParameter,
    },
    { additionalProperties: false },
  ),
);

export type ListQuery = Static<typeof listQuery.schema>;

export const replayShape = shape(
  Type.Object(
    {
      webhook: Type.Optional(webhookSchema),
    },
    { additionalProperties: false },
  ),
);

export type ReplayJson = Static<typeof replayShape.schema>;

const nullable = (description: string) => Type.Union([Type.String({ description }), Type.Null()]);

export const DeliverySchema = Type.Object(
  {
    id: Type.String({ description: "The same in each attempt, as `X-NetPulse-Delivery`." }),
    job_id: Type.String(),
    event_type: Type.String({ description: "`job.finished`, `job.failed` or `job.cancelled`." }),
    final: Type.Boolean({ description: "There is no later event of the job." }),
    state: oneOf(DELIVERY_STATES),
    target: Type.String({ description: "Whom it goes to, without the path." }),
    tries: Type.Integer({ description: "Attempts since it became pending." }),
    created_at: Type.String({ description: "When the job ended." }),
    next_attempt_at: nullable("Null where none is to come."),
    settled_at: nullable("When it was delivered, or given up."),
    attempts: Type.Array(
      Type.Object({
        at: Type.String(),
        duration: Type.Number({ description: "Seconds." }),
        status: Type.Union([Type.Integer({ description: "HTTP status of the answer." }), Type.Null()]),
        error: nullable("Why it did not count."),
      }),
      { description: "The last 20, the newest last." },
    ),
  },
  { $id: "Delivery" },
);
export type DeliveryJson = Static<typeof DeliverySchema>;
