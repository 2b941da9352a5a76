import type { DriverHint } from "../online/drivers.ts";
import { clientFor, type OnlineDeps } from "../online/online.ts";
import type { Candidate, KnownValues } from "./complete.ts";

/** Who presses Tab does not wait for an API that is not there. */
const PATIENCE_MS = 1500;
const MOST = 50;

type Asked = (deps: OnlineDeps) => Promise<Candidate[]>;

/** What the API tells, by command and argument. */
const ASKED: Record<string, Asked> = {
  "netpulse jobs id": jobs,
  "netpulse jobs ids": jobs,
  "netpulse parse job": jobs,
  "netpulse workers name": workers,
};

/** Drivers and kinds of devices are known here; ids of jobs and names of workers the API is asked for. */
export function knownValues(deps: () => OnlineDeps): KnownValues {
  return async (name, command) => {
    if (name === "driver")
      return deps()
        .drivers.flatMap(({ name, aliases }) => [name, ...aliases])
        .map(plain);
    if (name === "type") return deviceTypes(deps().drivers).map(plain);
    const ask = ASKED[`${command} ${name}`];
    // Nothing is said of what went wrong: it would stand in the line that is being typed.
    return ask === undefined ? [] : await ask(deps()).catch(() => []);
  };
}

function plain(text: string): Candidate {
  return { text, about: "" };
}

function deviceTypes(drivers: readonly DriverHint[]): string[] {
  return drivers.flatMap(({ connectionArgs }) => {
    const choices = connectionArgs.properties.device_type?.enum;
    return Array.isArray(choices) ? choices.map(String) : [];
  });
}

const patient = () => ({ retryForMs: 0, signal: AbortSignal.timeout(PATIENCE_MS) });

async function jobs(deps: OnlineDeps): Promise<Candidate[]> {
  const { items } = await clientFor(deps).jobs.list({ limit: MOST, result: false }, patient());
  return items.map(({ id, status, host, command }) => ({
    text: id,
    about: `${status} ${host} ${command[0] ?? ""}`,
  }));
}

async function workers(deps: OnlineDeps): Promise<Candidate[]> {
  const { items } = await clientFor(deps).workers.list({ limit: MOST }, patient());
  return items.map(({ name, status, queues }) => ({ text: name, about: `${status} ${queues.join(" ")}` }));
}
