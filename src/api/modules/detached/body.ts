import type { ExecRequest, TaskLogin } from "../../../engine/engine.ts";
import { invalidFields } from "../../http-error.ts";
import { isObject } from "../device/exec-body.ts";

const DRIVER = "linux";

/** The body of `POST /device/exec` that starts a task. */
export function asStart(body: unknown): Record<string, unknown> {
  if (!isObject(body)) throw invalidFields([{ loc: ["body"], msg: "must be an object" }]);
  if ((body.detach ?? true) === true) return { driver: DRIVER, ...body, detach: true };
  throw invalidFields([{ loc: ["body", "detach"], msg: "is said by the path; leave it out" }]);
}

/** The body of `POST /device/exec` that lists the tasks of a user on a host. */
export function asDiscovery(body: unknown): Record<string, unknown> {
  if (!isObject(body)) throw invalidFields([{ loc: ["body"], msg: "must be an object" }]);
  const foreign = Object.keys(body).filter((name) => !DISCOVERY.includes(name));
  const args = body.driver_args ?? {};
  if (!isObject(args)) foreign.push("driver_args");
  if (foreign.length > 0) {
    const msg = `is not for this; there are ${DISCOVERY.join(", ")}`;
    throw invalidFields(foreign.map((name) => ({ loc: ["body", name], msg })));
  }
  return { driver: DRIVER, ...body, driver_args: { ...args, detached_task: { action: "list" } } };
}

const DISCOVERY = ["driver", "connection_args", "driver_args", "credential"];

/** What is done with a task that is known. */
export type Action =
  | { action: "output"; id: string; offset: number; max_bytes?: number }
  | { action: "delete"; id: string };

/** The request of a job that does it. */
export function requestFor({ driverArgs, ...login }: TaskLogin, action: Action): ExecRequest {
  return {
    ...login,
    driverArgs: { ...driverArgs, detached_task: action },
    operation: { kind: "command", text: `detached task ${action.action} ${action.id}` },
    resultTtl: RESULT_TTL,
  };
}

/** Looks come every few seconds, and nobody asks for their jobs later. */
const RESULT_TTL = 300;
