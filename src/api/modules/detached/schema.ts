import { type Static, Type } from "@sinclair/typebox";
import { cursorParameter, limitParameter, oneOf } from "../../parameters.ts";
import { shape } from "../../shape.ts";
import { ExecBodySchema } from "../device/schema.ts";
import { JobSchema } from "../jobs/schema.ts";

export const STATUSES = ["launching", "running", "completed", "lost"] as const;

export const listQuery = shape(
  Type.Object(
    {
      status: Type.Optional(oneOf(STATUSES, "As it was seen last.")),
      limit: limitParameter,
      cursor: cursorParameter,
    },
    { additionalProperties: false },
  ),
);

const count = (minimum: number, maximum: number, example: number, description: string) =>
  Type.Optional(
    Type.Integer({
      minimum,
      maximum,
      description,
      examples: [example],
      expected: `an integer from ${minimum} to ${maximum}`,
    }),
  );

export const lookQuery = shape(
  Type.Object(
    {
      offset: count(
        0,
        Number.MAX_SAFE_INTEGER,
        0,
        "Where in its output to begin, bytes: `next_offset` of the look before. Default 0.",
      ),
      max_bytes: count(
        1,
        16 * 1024 * 1024,
        65_536,
        "How much of its output to return at most. Default 256 KiB.",
      ),
    },
    { additionalProperties: false },
  ),
);

const nullable = (description: string) => Type.Union([Type.Integer({ description }), Type.Null()]);

const task = {
  task_id: Type.String(),
  status: Type.Union(STATUSES.map((status) => Type.Literal(status))),
  driver: Type.String(),
  host: Type.String(),
  site: Type.Union([Type.String(), Type.Null()]),
  command: Type.Array(Type.String()),
  created_at: Type.String(),
  expires_at: Type.String({ description: "It is known until then (`job.task_ttl`)." }),
};

export const TaskSchema = Type.Object(task, { $id: "DetachedTask" });

export const LookSchema = Type.Object({
  ...task,
  is_running: Type.Boolean(),
  completed: Type.Boolean(),
  exit_status: nullable("128 and the number of the signal where one ended it."),
  pid: nullable("Of the task's first process."),
  output: Type.String({ description: "From `offset` on." }),
  offset: Type.Integer(),
  next_offset: Type.Integer({ description: "For the next look." }),
  size: nullable("What it has printed so far, bytes."),
  job_id: Type.Union([Type.String({ description: "The job that has looked." }), Type.Null()]),
  error: Type.Union([
    Type.String({ description: "Why nothing could be seen now; the status is that of before." }),
    Type.Null(),
  ]),
});

const {
  command: _command,
  config: _config,
  file_transfer: _files,
  driver: _driver,
  detach: _detach,
  ...common
} = ExecBodySchema.properties;
const driver = Type.Optional(
  Type.String({ default: "linux", description: "`linux` or `paramiko`.", expected: "the name of a driver" }),
);

/** The body that starts a task, as documented. */
export const StartSchema = Type.Object(
  { driver, ...common, command: Type.String({ minLength: 1, description: "What to run." }) },
  { additionalProperties: false },
);

/** The job that starts it. */
export const StartedSchema = Type.Object(
  { ...JobSchema.properties, task_id: Type.String({ description: "The task that it starts." }) },
  { $id: "DetachedJob" },
);

export const DiscoverSchema = Type.Object(
  {
    driver,
    connection_args: common.connection_args,
    driver_args: common.driver_args,
    credential: common.credential,
  },
  { additionalProperties: false },
);

export const EndedSchema = Type.Object({ task_id: Type.String(), status: Type.Literal("killed") });

export type ListQuery = Static<typeof listQuery.schema>;
export type LookQuery = Static<typeof lookQuery.schema>;
export type TaskJson = Static<typeof TaskSchema>;
export type LookJson = Static<typeof LookSchema>;
export type StartJson = Static<typeof StartSchema>;
export type StartedJson = Static<typeof StartedSchema>;
export type DiscoverJson = Static<typeof DiscoverSchema>;
