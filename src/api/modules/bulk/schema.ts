import { type Static, Type } from "@sinclair/typebox";
import { ref } from "../../openapi.ts";
import { shape } from "../../shape.ts";
import { ExecBodySchema } from "../device/schema.ts";
import type { JobJson } from "../jobs/schema.ts";

function count(description: string) {
  return Type.Optional(
    Type.Integer({ minimum: 1, maximum: 1000, description, expected: "an integer from 1 to 1000" }),
  );
}

const own = {
  devices: Type.Array(Type.Unknown(), {
    minItems: 1,
    description: "One entry for each device.",
    expected: "a list of objects, and not empty",
  }),
  canary: count(
    "So many of the first jobs must finish well before the rest is released; if one of them does not, the rest is cancelled.",
  ),
  stop_after_failures: count("When so many jobs of the batch have failed, those still queued are cancelled."),
};

/** What a bulk request has beside the fields of `POST /device/exec`. */
export const bulkShape = shape(Type.Object(own, { additionalProperties: false }));
export type BulkFields = Static<typeof bulkShape.schema>;
export const BULK_FIELDS: readonly string[] = Object.keys(own);

const { driver, connection_args, command, config, ...shared } = ExecBodySchema.properties;

/** The body as documented. */
export const BulkBodySchema = Type.Object(
  {
    driver,
    connection_args: Type.Optional(connection_args),
    command,
    config,
    ...own,
    devices: Type.Array(
      Type.Object(
        { host: Type.String({ description: "Its address." }), command, config },
        {
          additionalProperties: true,
          description:
            "`connection_args` of this device, which override those of the request; and its own `command` or `config`, instead of the request's.",
        },
      ),
      { minItems: 1 },
    ),
    ...shared,
  },
  { $id: "BulkRequest", additionalProperties: false },
);

export type BulkBodyJson = Static<typeof BulkBodySchema>;

export const RefusedSchema = Type.Object({
  index: Type.Integer({ description: "Its place in `devices`, from 0." }),
  host: Type.Union([Type.String({ description: "As the request names it." }), Type.Null()]),
  reason: Type.String({ description: "What is wrong with it." }),
});

/** What became of a request for many devices. */
export const BulkAnswerSchema = Type.Object({
  succeeded: Type.Array(Type.Unsafe<JobJson>(ref("Job")), {
    description: "A job for each entry that was taken, in order.",
  }),
  failed: Type.Array(RefusedSchema, { description: "The entries that were not." }),
  batch_id: Type.Union([Type.String({ description: "null when no entry was taken." }), Type.Null()]),
});
export type BulkAnswerJson = Static<typeof BulkAnswerSchema>;
