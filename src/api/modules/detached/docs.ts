import { operation, ref } from "../../openapi.ts";
import { pageOf } from "../../page-docs.ts";
import { queuedExample } from "../bulk/docs.ts";
import { idempotencyHeader } from "../device/schema.ts";
import { DiscoverSchema, EndedSchema, LookSchema, listQuery, lookQuery, StartSchema } from "./schema.ts";

const tag = "Detached tasks";
const id = `task_${queuedExample.id.slice("job_".length)}`;
const connection_args = { host: "192.0.2.10", username: "ops", password: "the user's password" };

const task = {
  task_id: id,
  status: "running",
  driver: "linux",
  host: connection_args.host,
  site: null,
  command: ["make -C /srv/build all"],
  created_at: "2024-01-01T12:00:00.123+08:00",
  expires_at: "2024-01-31T12:00:00.123+08:00",
};

const taskPath = { id: { description: "The task.", example: id } };

const missing = {
  status: 404,
  description: "There is no such task, or its host has it no more.",
  example: { message: "no such task; POST /detached-tasks/discover finds those of a host" },
};

const unreachable = "192.0.2.10 port 22 refused the connection: nothing listens there";

export const startDocs = operation({
  id: "startDetachedTask",
  tag,
  scope: ["exec"],
  summary: "Start a command that outlives its job",
  description:
    "As `POST /device/exec` with `detach: true`, which takes the same options. The task is known by its id from then on, with the sealed login of its host.",
  headers: idempotencyHeader,
  body: {
    schema: StartSchema,
    examples: { host: { summary: "A Linux host", value: { connection_args, command: task.command[0] } } },
  },
  success: {
    status: 201,
    description: "The job that starts it, with the task's id.",
    data: ref("DetachedJob"),
    headers: { "Idempotency-Replayed": "`true` on a repeat that answers with the first job." },
    example: {
      code: 200,
      message: "success",
      data: {
        ...queuedExample,
        driver: "linux",
        host: task.host,
        queue: "FifoQ",
        command: task.command,
        batch_id: null,
        task_id: id,
      },
    },
  },
  failures: [408, 413, 415, 422, 503],
});

export const listDocs = operation({
  id: "listDetachedTasks",
  tag,
  scope: ["read"],
  summary: "List the tasks that are known",
  description: "Of all hosts, the newest first, as they were seen last.",
  query: listQuery.schema,
  success: pageOf("DetachedTask", { description: "The tasks.", example: task }),
  failures: [422, 503],
});

export const lookDocs = operation({
  id: "getDetachedTask",
  tag,
  scope: ["exec"],
  summary: "Look at a task on its host, and at what it has printed",
  description:
    "Logs in there by a job of its own and waits for it, at most `job.test_timeout`. Where that fails, `error` says why, and the rest is as it was seen last.",
  path: taskPath,
  query: lookQuery.schema,
  success: {
    status: 200,
    description: "The task now.",
    data: LookSchema,
    example: {
      code: 200,
      message: "success",
      data: {
        ...task,
        is_running: true,
        completed: false,
        exit_status: null,
        pid: 4711,
        output: "cc -c main.c\n",
        offset: 0,
        next_offset: 13,
        size: 13,
        job_id: queuedExample.id,
        error: null,
      },
    },
  },
  failures: [missing, 422, 503],
});

export const deleteDocs = operation({
  id: "deleteDetachedTask",
  tag,
  scope: ["exec"],
  summary: "End a task with all that it has started, and remove what is left of it",
  description:
    "By SIGTERM, and by SIGKILL when it has not ended after three seconds; its folder on the host is removed, and it is forgotten here. One whose job is still queued is cancelled.",
  path: taskPath,
  success: {
    status: 200,
    description: "It is gone.",
    data: EndedSchema,
    example: { code: 200, message: "success", data: { task_id: id, status: "killed" } },
  },
  failures: [
    missing,
    {
      status: 409,
      description: "It could not be ended: its host was not reached, or its job is just being started.",
      example: { message: `the task was not ended, and is still known: ConnectionError: ${unreachable}` },
    },
    422,
    503,
  ],
});

export const discoverDocs = operation({
  id: "discoverDetachedTasks",
  tag,
  scope: ["exec"],
  summary: "Find the tasks of a user on a host",
  description:
    "Those too that are not known here, or not any more; they are from now on. `driver_args` are those of sudo, where another user has them.",
  body: {
    schema: DiscoverSchema,
    examples: { host: { summary: "A Linux host", value: { connection_args } } },
  },
  success: {
    status: 200,
    description: "The tasks, the newest first.",
    data: { type: "array", items: ref("DetachedTask") },
    example: { code: 200, message: "success", data: [task] },
  },
  failures: [
    408,
    {
      status: 409,
      description: "The host was not reached, or did not take the login.",
      example: { message: `ConnectionError: ${unreachable}` },
    },
    413,
    415,
    422,
    503,
  ],
});
