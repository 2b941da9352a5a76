import { type Static, Type } from "@sinclair/typebox";
import { oneOf } from "../../parameters.ts";
import { shape } from "../../shape.ts";

/** A line of the log fits, however long it is. */
const MIN_PART = 128 * 1024;
const MAX_PART = 4 * 1024 * 1024;
export const DEFAULT_PART = 1024 * 1024;

export const outputQuery = shape(
  Type.Object(
    {
      offset: Type.Optional(
        Type.Integer({
          minimum: 0,
          default: 0,
          description: "Where to begin: 0, or `next_offset` of the part before.",
          expected: "0, or the next_offset of the part before",
        }),
      ),
      limit: Type.Optional(
        Type.Integer({
          minimum: MIN_PART,
          maximum: MAX_PART,
          default: DEFAULT_PART,
          description: "Bytes of the stored log in one part at most; the answer may be a little longer.",
          expected: `an integer from ${MIN_PART} to ${MAX_PART}`,
        }),
      ),
      text: Type.Optional(
        Type.Boolean({
          default: false,
          description:
            "`true`: everything from `offset` to where the job is now, as plain text; what is on stderr is left out.",
          expected: "true or false",
        }),
      ),
      index: Type.Optional(
        Type.Integer({
          minimum: 0,
          description: "Only what this command printed, counted from 0.",
          examples: [0],
          expected: "the place of a command, from 0",
        }),
      ),
    },
    { additionalProperties: false },
  ),
);
export type OutputQuery = Static<typeof outputQuery.schema>;

const index = Type.Integer({ description: "Which command or line, counted from 0." });

/** The same as the events of a job, without its states. */
const ChunkSchema = Type.Union([
  Type.Object({
    kind: Type.Literal("command"),
    index,
    command: Type.String(),
    at: Type.String(),
  }),
  Type.Object({
    kind: Type.Literal("output"),
    index,
    stream: oneOf(["stdout", "stderr"]),
    text: Type.String(),
  }),
  Type.Object({
    kind: Type.Literal("command_end"),
    index,
    ok: Type.Boolean(),
    exit_status: Type.Union([Type.Integer(), Type.Null()]),
    duration: Type.Number(),
  }),
  Type.Object({
    kind: Type.Literal("parsed"),
    index,
    json: Type.String({ description: "A piece of the parsed records, as JSON." }),
  }),
  Type.Object({
    kind: Type.Literal("parsed_end"),
    index,
    parse_error: Type.Union([Type.String(), Type.Null()]),
  }),
]);
export type ChunkJson = Static<typeof ChunkSchema>;

export const PartSchema = Type.Object({
  chunks: Type.Array(ChunkSchema),
  next_offset: Type.Integer({ description: "Where the next part begins." }),
  ended: Type.Boolean({ description: "The job has ended, and this is the last part." }),
});
export type PartJson = Static<typeof PartSchema>;
