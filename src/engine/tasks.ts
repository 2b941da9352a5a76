import type { Clock } from "../core/clock.ts";
import { taskOfJob } from "../core/detached-task.ts";
import { RequestError } from "../core/errors.ts";
import type { Job } from "../core/job.ts";
import { maskCommand } from "../core/mask.ts";
import type { KnownTask, TaskStore } from "../storage/tasks.ts";
import type { CheckDeps } from "./check-request.ts";
import { deviceOf } from "./device-of.ts";
import { secretValues } from "./driver-args.ts";
import type { ExecRequest, NewTask, TaskLogin, Tasks, TaskView } from "./engine.ts";
import type { Sealer } from "./seal.ts";

export interface TasksDeps extends CheckDeps {
  tasks: TaskStore;
  sealer: Sealer;
  clock: Clock;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export function knownTasks(deps: TasksDeps): Tasks {
  const { tasks, sealer } = deps;
  return {
    async list(params) {
      const page = await tasks.listTasks(params);
      return { tasks: page.tasks.map(withoutSealed), next: page.next };
    },
    async open(id) {
      const task = await tasks.getTask({ id });
      if (task === null)
        throw new RequestError(
          "not_found",
          "no such task; POST /detached-tasks/discover finds those of a host",
        );
      const login: TaskLogin = JSON.parse(decoder.decode(sealer.open(id, task.sealed)));
      return { task: withoutSealed(task), login };
    },
    keep: (login, task) => keepTask(deps, login, task),
    async mark(id, state) {
      await tasks.markTask({ id, state });
    },
    async forget(id) {
      await tasks.forgetTask({ id });
    },
  };
}

/** The task that a job starts, where its request wants it known. */
export async function keepTaskOf(deps: TasksDeps, request: ExecRequest, job: Job): Promise<void> {
  const { login: names, operation, driver, connectionArgs, driverArgs } = request;
  if (names === undefined || !("text" in operation)) return;
  const id = taskOfJob(job.id);
  if ((await deps.tasks.getTask({ id })) !== null) return; // the request was repeated
  const own = Object.entries(driverArgs).filter(([name]) => names.includes(name));
  const login: TaskLogin = { driver, connectionArgs, driverArgs: Object.fromEntries(own) };
  if (request.credentials !== undefined) login.credentials = request.credentials;
  if (request.hopCredentials !== undefined) login.hopCredentials = request.hopCredentials;
  const command = job.command.join("\n");
  await keepTask(deps, login, {
    id,
    command,
    state: "launching",
    createdAt: job.createdAt,
  });
}

async function keepTask(deps: TasksDeps, login: TaskLogin, task: NewTask): Promise<TaskView> {
  const driver = deps.drivers.find(login.driver);
  if (driver === null) throw new Error("a task's driver has gone since its request was checked");
  const { host, site } = deviceOf(driver, login);
  const secrets = secretValues(driver, login.connectionArgs, login.driverArgs);
  const view: TaskView = {
    ...task,
    command: maskCommand(task.command, secrets),
    site,
    host,
    driver: login.driver,
    expiresAt: deps.clock.now() + deps.limits.taskTtl * 1000,
  };
  const sealed = deps.sealer.seal(task.id, encoder.encode(JSON.stringify(login)));
  await deps.tasks.putTask({ task: { ...view, sealed } });
  return view;
}

function withoutSealed({ sealed: _sealed, ...task }: KnownTask): TaskView {
  return task;
}
