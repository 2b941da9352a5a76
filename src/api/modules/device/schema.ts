import { type Static, type TUnion, Type } from "@sinclair/typebox";
import { oneOf } from "../../parameters.ts";
import { shape } from "../../shape.ts";
import { credential } from "./credential.ts";
import { fileTransfers } from "./file-transfer.ts";
import { type CommandEntryJson, parsing, rendering, variables } from "./templates.ts";
import { webhookSchema } from "./webhook.ts";

const YEAR = 365 * 24 * 3600;

function seconds(max: number, description: string) {
  return Type.Optional(
    Type.Number({
      exclusiveMinimum: 0,
      maximum: max,
      description,
      expected: `seconds, above 0 and at most ${max}`,
    }),
  );
}

/** One piece of text or a list: it decides the shape of `retval`. */
function textOrList(description: string) {
  return Type.Optional(
    Type.Union([Type.String({ minLength: 1 }), Type.Array(Type.String(), { minItems: 1 })], {
      description,
      expected: "text or a list of texts, and not empty",
    }),
  );
}

/** A command with what is to be told of it: beside `parsing` that depends on the driver, whose own schema checks it. */
const commandEntry = Type.Unsafe<CommandEntryJson>(
  Type.Object({ command: Type.String({ description: "The command." }) }),
);

function commands(description: string) {
  const entry = Type.Union([Type.String(), commandEntry], {
    expected: "text, or an object with the text as `command`",
  });
  return Type.Optional(
    Type.Union([Type.String({ minLength: 1 }), Type.Array(entry, { minItems: 1 })], {
      description,
      expected: "text or a list of texts, and not empty",
    }),
  );
}

/** Its content depends on the driver, whose own schema checks it. */
function openObject(description: string) {
  return Type.Unsafe<Record<string, unknown>>(
    Type.Object({}, { description, additionalProperties: true, expected: "an object" }),
  );
}

/** What may stand in the body itself or in its `options`. */
const options = {
  queue_strategy: Type.Optional(
    oneOf(["fifo", "pinned"], "`pinned`: one after another per device, over a session that stays open."),
  ),
  ttl: seconds(YEAR, "How long it may wait in its queue, seconds. Default `job.ttl`."),
  execution_timeout: seconds(
    2_000_000,
    "How long one run may take, seconds. Default `job.execution_timeout`.",
  ),
  result_ttl: seconds(10 * YEAR, "How long the ended job is kept, seconds. Default `job.result_ttl`."),
  priority: Type.Optional(
    Type.Integer({
      minimum: -100,
      maximum: 100,
      default: 0,
      description: "Higher is taken first from its queue.",
      expected: "an integer from -100 to 100",
    }),
  ),
  retries: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: 100,
      default: 0,
      description: "How often a run that failed or was lost may be repeated. 0: never sent twice.",
      expected: "an integer from 0 to 100",
    }),
  ),
  rendering: Type.Optional(rendering),
  parsing: Type.Optional(parsing),
  webhook: Type.Optional(webhookSchema),
  retry_config: Type.Optional(
    Type.Boolean({
      default: false,
      description: "Retries of `config` need this too: a repeated config must be harmless.",
      expected: "true or false",
    }),
  ),
  credential,
  mask_output: Type.Optional(
    Type.Boolean({
      description:
        "Hide secrets in what the device prints, as `enable secret` and SNMP communities, before it is stored. Then output comes by whole lines. Default: true for `config`, else false.",
      expected: "true or false",
    }),
  ),
};

const fields = {
  driver: Type.String({
    minLength: 1,
    maxLength: 64,
    description: "Name of a driver.",
    expected: "the name of a driver",
  }),
  connection_args: openObject(
    "Where the device is and how to log in; what may stand in it depends on the driver.",
  ),
  command: commands(
    "What to run. Exactly one of `command`, `config` and `file_transfer`. Beside a `command` in a list may stand `parsing`, and what its driver takes.",
  ),
  config: textOrList("Configuration lines to apply. Exactly one of `command`, `config` and `file_transfer`."),
  file_transfer: fileTransfers,
  detach: Type.Optional(
    Type.Boolean({
      default: false,
      description:
        "Start the one command as a detached task that outlives the job; the answer has its `task_id`, for GET /detached-tasks/{id}.",
      expected: "true or false",
    }),
  ),
  driver_args: Type.Optional(openObject("How the driver treats this job; depends on the driver.")),
  ...options,
};

/** The body with its `options` taken out of their object. */
export const execShape = shape(Type.Object(fields, { additionalProperties: false }));
export type ExecFields = Static<typeof execShape.schema>;

/** Names that may stand in `options`. */
export const OPTION_NAMES: readonly string[] = Object.keys(options);

/** A request with `rendering` may have an object there; it is understood before the shape is looked at. */
function orVariables(texts: TUnion) {
  return Type.Optional(Type.Union([...texts.anyOf, variables], { description: texts.description ?? "" }));
}

/** The body as documented. */
export const ExecBodySchema = Type.Object(
  {
    ...fields,
    command: orVariables(fields.command),
    config: orVariables(fields.config),
    options: Type.Optional(
      Type.Object(options, {
        description: "The same options, for requests that keep them apart.",
        additionalProperties: false,
      }),
    ),
  },
  { $id: "ExecRequest", additionalProperties: false },
);

export type ExecBodyJson = Static<typeof ExecBodySchema>;

export const IDEMPOTENCY_KEY = /^[\x21-\x7e]{1,255}$/;
export const idempotencyHeader = {
  "Idempotency-Key": Type.String({
    minLength: 1,
    maxLength: 255,
    pattern: IDEMPOTENCY_KEY.source,
    examples: ["nightly-2024-01-01/192.0.2.1"],
    description:
      "A repeat with the same key and body answers with the first job, and with the header `Idempotency-Replayed: true`; with another body it is refused (422).",
  }),
};
