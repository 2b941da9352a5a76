import { Type } from "@sinclair/typebox";
import type { DocumentDecoration } from "elysia";
import { operation, ref } from "../../openapi.ts";
import { queuedExample } from "../bulk/docs.ts";
import { ExecBodySchema, idempotencyHeader } from "../device/schema.ts";
import type { Action } from "./body.ts";

const TEXTS: Record<Action, { id: string; summary: string; description: string }> = {
  start: {
    id: "startDetachedTask",
    summary: "Start a command that outlives its job",
    description: "The job ends at once; its output is one line of JSON with the `id` of the task.",
  },
  list: {
    id: "listDetachedTasks",
    summary: "List the tasks of a user on a host",
    description:
      "The job's output has one line of JSON for each task, the newest first: `id`, `state` (`running`, `exited`, `lost`), `exit_status`, `size`, `started`, `command`.",
  },
  output: {
    id: "readDetachedTask",
    summary: "Read what a task has printed",
    description:
      "The job's `stdout` is the output from `offset` on; its `stderr` is one line of JSON with the state, and with `next_offset` for the next look.",
  },
  kill: {
    id: "killDetachedTask",
    summary: "End a task with all that it has started",
    description: "By SIGTERM, and by SIGKILL when it has not ended after three seconds.",
  },
  remove: {
    id: "removeDetachedTask",
    summary: "Forget a task that has ended, and its output",
    description: "Removes its folder on the host.",
  },
};

const connection_args = { host: "192.0.2.10", username: "ops", password: "the user's password" };

const { command: _command, config: _config, driver: _driver, ...common } = ExecBodySchema.properties;
const driver = Type.Optional(
  Type.String({ default: "linux", description: "`linux` or `paramiko`.", expected: "the name of a driver" }),
);

const output = {
  offset: Type.Optional(Type.Integer({ minimum: 0, default: 0, description: "Where to begin, bytes." })),
  max_bytes: Type.Optional(
    Type.Integer({ minimum: 1, default: 262_144, description: "How much to return at most." }),
  ),
};

const start = { command: Type.String({ minLength: 1, description: "What to run." }) };

function bodyOf(action: Action) {
  const own = action === "start" ? start : action === "output" ? output : {};
  return Type.Object({ driver, ...common, ...own }, { additionalProperties: false });
}

function value(action: Action) {
  return { connection_args, ...(action === "start" && { command: "make -C /srv/build all" }) };
}

export function detachedDocs(action: Action): DocumentDecoration {
  const { id, summary, description } = TEXTS[action];
  const one = action !== "start" && action !== "list";
  return operation({
    id,
    tag: "Detached tasks",
    summary,
    description: `${description} Answers at once with the queued job, as \`POST /device/exec\` does, and takes the same options.`,
    headers: idempotencyHeader,
    ...(one && { path: { id: "The task." } }),
    body: { schema: bodyOf(action), examples: { host: { summary: "A Linux host", value: value(action) } } },
    success: {
      status: 201,
      description: "The job.",
      data: ref("Job"),
      headers: { "Idempotency-Replayed": "`true` on a repeat that answers with the first job." },
      example: { code: 200, message: "success", data: { ...queuedExample, ...of(action), batch_id: null } },
    },
    failures: [400, 408, 413, 415, 422, 503],
  });
}

function of(action: Action) {
  const command = value(action).command ?? `detached task ${action}`;
  return { driver: "linux", host: connection_args.host, queue: "FifoQ", command: [command] };
}
