import type { BulkRequest, ExecRequest, Job, Netpulse } from "../../../client/index.ts";
import { parseDevices, placeOf } from "./device-list.ts";
import { type DriverForm, type Field, type Forms, readValues, type Values, type Wrong } from "./forms.ts";

/** What stands in the console. */
export interface Draft {
  driver: string;
  many: boolean;
  kind: "command" | "config";
  text: string;
  devices: string;
  connection: Values;
  args: Values;
  options: Values;
  parser: string;
  template: string;
  canary: string;
  stopAfter: string;
}

export const EMPTY: Draft = {
  driver: "",
  many: false,
  kind: "command",
  text: "",
  devices: "",
  connection: {},
  args: {},
  options: {},
  parser: "",
  template: "",
  canary: "",
  stopAfter: "",
};

/** What the form has fields of its own for, or asks beside the connection. */
const ASKED_ELSEWHERE = new Set(["parsing", "credential"]);

/** Where the login is kept, instead of what it is. */
export function credentialFields({ options }: Forms): Field[] {
  return options.filter(({ name }) => name === "credential");
}

export function optionFields({ options }: Forms): Field[] {
  return options.filter(({ name }) => !ASKED_ELSEWHERE.has(name));
}

/** In a bulk request these stand with each device. */
const OF_ONE_DEVICE = new Set(["host", "port"]);

export function connectionFields({ connection }: DriverForm, many: boolean): Field[] {
  return connection.filter(({ name }) => !many || !OF_ONE_DEVICE.has(name));
}

export type Request = { kind: "exec"; body: ExecRequest } | { kind: "bulk"; body: BulkRequest };

/** The request for the API, or what of the draft is none. */
export function requestOf(
  draft: Draft,
  driver: DriverForm,
  forms: Forms,
): { request: Request } | { wrong: Wrong[] } {
  const connection = readValues(connectionFields(driver, draft.many), draft.connection, "connection_args");
  const args = readValues(driver.args, draft.args, "driver_args");
  const fields = [...optionFields(forms), ...credentialFields(forms)];
  const options = readValues(fields, draft.options, "");
  const wrong = [...connection.wrong, ...args.wrong, ...options.wrong];
  const lines = draft.text.split("\n").filter((line) => line.trim() !== "");
  if (lines.length === 0) wrong.push({ place: draft.kind, msg: "what is to be run?" });
  const shared = {
    driver: draft.driver,
    connection_args: connection.data,
    [draft.kind]: lines.length === 1 ? lines[0] : lines,
    ...(Object.keys(args.data).length > 0 && { driver_args: args.data }),
    ...(draft.parser !== "" && { parsing: parsingOf(draft) }),
    ...options.data,
  };
  if (!draft.many) {
    return wrong.length > 0 ? { wrong } : { request: { kind: "exec", body: shared as ExecRequest } };
  }
  const list = parseDevices(draft.devices);
  const missing = list.devices.length === 0 && list.wrong.length === 0 ? ["which devices?"] : [];
  wrong.push(...[...list.wrong, ...missing].map((msg) => ({ place: "devices", msg })));
  const body = { ...shared, devices: list.devices, ...brakesOf(draft) };
  return wrong.length > 0 ? { wrong } : { request: { kind: "bulk", body: body as BulkRequest } };
}

function parsingOf({ parser, template }: Draft): object {
  return template.trim() === "" ? { name: parser } : { name: parser, template };
}

function brakesOf({ canary, stopAfter }: Draft): object {
  return {
    ...(canary !== "" && { canary: Number(canary) }),
    ...(stopAfter !== "" && { stop_after_failures: Number(stopAfter) }),
  };
}

/** What the address asks for: a device, a job again, or those of a batch that have failed. */
export async function draftFrom(
  query: Readonly<Record<string, string>>,
  api: Netpulse,
  signal: AbortSignal,
): Promise<Partial<Draft>> {
  if (query.again !== undefined) return await again(query.again, api, signal);
  if (query.failed !== undefined) return await failedOf(query.failed, api, signal);
  if (query.host !== undefined) return { many: false, connection: { host: query.host } };
  return query.many === undefined ? {} : { many: true };
}

async function again(id: string, api: Netpulse, signal: AbortSignal): Promise<Partial<Draft>> {
  const { items } = await api.jobs.list({ id, outputs: false } as object, { signal });
  const [job] = items;
  if (job === undefined) return {};
  return {
    many: false,
    driver: job.driver,
    kind: await kindOf(job, api, signal),
    text: job.command.join("\n"),
    connection: { host: job.host, ...placeOf(job) },
  };
}

const MOST_FAILED = 1000;

async function failedOf(id: string, api: Netpulse, signal: AbortSignal): Promise<Partial<Draft>> {
  const query = { batch_id: id, status: "failed", outputs: false, limit: MOST_FAILED } as const;
  const { items } = await api.jobs.list(query, { signal });
  const [job] = items;
  if (job === undefined) return { many: true };
  const addresses = items.map((each) => {
    const { port } = placeOf(each);
    const host = each.host.includes(":") ? `[${each.host}]` : each.host;
    return port === undefined ? each.host : `${host}:${port}`;
  });
  return {
    many: true,
    driver: job.driver,
    kind: await kindOf(job, api, signal),
    text: job.command.join("\n"),
    devices: addresses.join("\n"),
    connection: { site: placeOf(job).site ?? "" },
  };
}

/** A job does not say whether it was a config; the audit log does, to those who may read it. */
async function kindOf({ id }: Job, api: Netpulse, signal: AbortSignal): Promise<Draft["kind"]> {
  try {
    const { items } = await api.audit.list({ job_id: id, action: "config", limit: 1 }, { signal });
    return items.length > 0 ? "config" : "command";
  } catch {
    return "command";
  }
}
