import type { FieldError } from "../../../core/errors.ts";
import { invalidFields } from "../../http-error.ts";
import { isObject } from "../device/exec-body.ts";

/** What is done with detached tasks; `start` makes one. */
export type Action = "start" | "list" | "output" | "kill" | "remove";

/** Fields of a body that go into `driver_args.detached_task`. */
const OF_OUTPUT = ["offset", "max_bytes"] as const;

/** What these routes say themselves. */
const OURS = ["detach", "detached_task"] as const;

/** The body of `POST /device/exec` that does it. */
export function asExecBody(action: Action, id: string | undefined, body: unknown): Record<string, unknown> {
  if (!isObject(body)) throw invalidFields([{ loc: ["body"], msg: "must be an object" }]);
  const { offset, max_bytes, ...rest } = body;
  const args = rest.driver_args ?? {};
  const errors = [...misplaced(action, body), ...doubled(args)];
  if (errors.length > 0) throw invalidFields(errors);
  const said =
    action === "start"
      ? { detach: true }
      : { detached_task: given({ action, id, ...(action === "output" && { offset, max_bytes }) }) };
  return { driver: "linux", ...rest, driver_args: { ...args, ...said } };
}

function given(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => (value ?? null) !== null));
}

function misplaced(action: Action, body: Record<string, unknown>): FieldError[] {
  const foreign = [
    ...(action === "output" ? [] : OF_OUTPUT),
    ...(action === "start" ? [] : ["command"]),
    "config",
  ];
  return foreign
    .filter((name) => (body[name] ?? null) !== null)
    .map((name) => ({ loc: ["body", name], msg: "unknown field" }));
}

function doubled(args: unknown): FieldError[] {
  if (!isObject(args)) return [{ loc: ["body", "driver_args"], msg: "must be an object" }];
  return OURS.filter((name) => name in args).map((name) => ({
    loc: ["body", "driver_args", name],
    msg: "is said by the path; leave it out",
  }));
}
