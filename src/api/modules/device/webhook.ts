import { Type } from "@sinclair/typebox";
import { MOST_INTERVALS } from "../../../core/webhook.ts";
import { WEBHOOK_METHODS, type WebhookRequest } from "../../../engine/webhooks.ts";
import { oneOf } from "../../parameters.ts";

const MAX_TEXT = 2048;
const MAX_RETRIES = 20;
/** A week. */
const LONGEST_INTERVAL = 604_800;

function texts(description: string) {
  return Type.Optional(
    Type.Unsafe<Record<string, string>>(
      Type.Object(
        {},
        {
          additionalProperties: Type.String({
            maxLength: MAX_TEXT,
            expected: `text of at most ${MAX_TEXT} characters`,
          }),
          maxProperties: 32,
          description,
          expected: "an object of at most 32 texts",
        },
      ),
    ),
  );
}

/** Who is told of a job's end; as NetPulse has it, and with retries. */
export const webhookSchema = Type.Object(
  {
    name: Type.Optional(oneOf(["basic"], "There is one kind.")),
    url: Type.String({
      minLength: 1,
      maxLength: MAX_TEXT,
      description:
        "Where to, `http://` or `https://`. Addresses that are not public are refused unless `webhook.networks` allows them.",
      expected: `a URL of at most ${MAX_TEXT} characters`,
    }),
    method: Type.Optional(oneOf(WEBHOOK_METHODS, "Default POST.")),
    headers: texts("Headers beside our own. Kept sealed."),
    cookies: texts("Cookies by their names. Kept sealed."),
    auth: Type.Optional(
      Type.Array(Type.String({ maxLength: 256, expected: "text of at most 256 characters" }), {
        minItems: 2,
        maxItems: 2,
        description: "User and password, for Basic authentication. Kept sealed.",
        expected: "a list of user and password",
      }),
    ),
    timeout: Type.Optional(
      Type.Number({
        minimum: 0.5,
        maximum: 120,
        default: 5,
        description: "How long an attempt may take, seconds.",
        expected: "seconds from 0.5 to 120",
      }),
    ),
    max_retries: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: MAX_RETRIES,
        description: "Attempts after the first that fails. Default `webhook.max_retries`.",
        expected: `an integer from 0 to ${MAX_RETRIES}`,
      }),
    ),
    retry_intervals: Type.Optional(
      Type.Array(
        Type.Number({
          minimum: 0,
          maximum: LONGEST_INTERVAL,
          expected: `seconds from 0 to ${LONGEST_INTERVAL}`,
        }),
        {
          minItems: 1,
          maxItems: MOST_INTERVALS,
          description:
            "Pauses between attempts, seconds; the last one counts for all further ones. Default `webhook.retry_intervals`.",
          expected: `a list of 1 to ${MOST_INTERVALS} durations in seconds`,
        },
      ),
    ),
    secret: Type.Optional(
      Type.String({
        minLength: 16,
        maxLength: 256,
        description: "Signs what is sent here, instead of `webhook.secret`. Kept sealed.",
        expected: "text of 16 to 256 characters",
      }),
    ),
  },
  {
    additionalProperties: false,
    description:
      "Who is told when the job has ended, whichever way: `event_type`, `final` and the job as GET /job shows it. See docs/webhooks.md.",
    expected: "an object with a url",
  },
);

type WebhookFields = Partial<(typeof webhookSchema)["static"]>;

/** In the engine's terms; whole where nothing is wrong. */
export function webhookOf(fields: WebhookFields): WebhookRequest {
  const { name: _, max_retries: maxRetries, retry_intervals: retryIntervals, ...same } = fields;
  // Safe: without a URL it is never submitted, only checked.
  return {
    ...same,
    ...(maxRetries !== undefined && { maxRetries }),
    ...(retryIntervals !== undefined && { retryIntervals }),
  } as WebhookRequest;
}
