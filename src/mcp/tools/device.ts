import { Type } from "@sinclair/typebox";
import type { ExecRequest, Job } from "../../client/index.ts";
import type { Answer } from "../answers.ts";
import { jobHead, jobWhole } from "../job-view.ts";
import type { Call } from "../tool.ts";
import { DEFAULT_WAIT, MAX_WAIT, waitForJob } from "../waiting.ts";
import { number, oneOf, openObject, text } from "./parameters.ts";

const reference = Type.Union([
  Type.String({ minLength: 1 }),
  openObject("A reference, with what it is called as ref."),
]);

const credential = Type.Union([reference, Type.Array(reference, { minItems: 1 })], {
  description:
    "What the login is called where the server finds it, instead of a password in connection_args; several are tried in turn.",
  expected: "a name, an object with a ref, or a list of such",
});

/** What jobs of both kinds have in common; each name is the API's. */
export const deviceArguments = {
  driver: Type.Optional(
    text("netmiko for network devices (the default), paramiko for Linux, pyeapi for Arista's eAPI."),
  ),
  connection_args: openObject(
    "Where the device is: host; device_type (see platforms_list) for netmiko; port, site, timeout where needed. username, password and secret only if the user gave them for this purpose: a login may be known here already.",
  ),
  credential: Type.Optional(credential),
  driver_args: Type.Optional(openObject("How the driver treats this job.")),
  queue_strategy: Type.Optional(
    oneOf(["fifo", "pinned"], "pinned: one after another per device, over a session that stays open."),
  ),
  ttl: Type.Optional(number(1, 31_536_000, "Seconds that it may wait in its queue.")),
  execution_timeout: Type.Optional(number(1, 86_400, "Seconds that it may run.")),
  wait: Type.Optional(
    number(
      0,
      MAX_WAIT,
      `Seconds to wait for its end; default ${DEFAULT_WAIT}. The job goes on after that: job_wait waits further.`,
    ),
  ),
};

interface DeviceArguments {
  driver?: string;
  connection_args: Record<string, unknown>;
  credential?: unknown;
  wait?: number;
}

/** A request of the API of a tool's arguments, which were checked to be its fields. */
export function requestOf({ wait: _, ...args }: DeviceArguments, call: Call): ExecRequest {
  const { driver = "netmiko", connection_args, credential: reference } = args;
  const login = reference === undefined ? call.loginFor(connection_args) : {};
  return { ...args, driver, connection_args: { ...login, ...connection_args } } as ExecRequest;
}

/** Submits it, waits, and answers with what came of it. */
export async function runJob(request: ExecRequest, call: Call, wait = DEFAULT_WAIT): Promise<Answer> {
  const job = await call.client.devices.exec(request, { signal: call.signal });
  if (!call.scopes.includes("read")) return unreadable(job);
  return jobAnswer(await waitForJob(call, job.id, wait));
}

function unreadable(job: Job): Answer {
  return {
    content: {
      job: jobHead(job),
      note: "It was accepted. The key may not read jobs: it lacks the scope read.",
    },
    untrusted: true,
  };
}

export function jobAnswer(job: Job): Answer {
  const isOn = job.status === "queued" || job.status === "started";
  return {
    content: {
      job: jobWhole(job),
      ...(isOn && {
        note: "It has not ended yet: job_wait waits for its end, job_output reads what it has printed.",
      }),
    },
    failed: job.status === "failed",
    untrusted: true,
  };
}
