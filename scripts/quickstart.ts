import { accessSync, constants, mkdirSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { loadConfig } from "../src/config/load.ts";
import type { Config } from "../src/config/schema.ts";
import { StartupError } from "../src/core/errors.ts";
import { type Child, startChild } from "./lib/child.ts";

const HELP = `Starts NetPulse on this machine with a simulated device beside it, and runs one job on it.

  bin/quickstart [--once] [--port N]

  --once     end after the job: exit code 0 when it finished, 1 when it failed
  --port N   the port of the API (default 9000, or NETPULSE_SERVER__PORT)

Everything is kept in ./data (NETPULSE_DATA_DIR). Ctrl-C ends it and leaves nothing running.
`;

const MAIN = resolve(import.meta.dir, "../src/main.ts");

/** What the operator has to put right; printed as one line, exit code 2. */
class Refusal extends Error {}

interface Settings {
  once: boolean;
  host: string;
  port: number;
  dataDir: string;
  /** As configured; null when `serve` makes one. */
  apiKey: string | null;
}

async function main(): Promise<number> {
  const settings = settingsOf(process.argv.slice(2));
  if (settings === null) {
    console.log(HELP);
    return 0;
  }
  prepareDataDir(settings.dataDir);
  await checkPort(settings);
  const children: Child[] = [];
  const interrupted = untilInterrupted(children);
  try {
    const code = await Promise.race([demonstrate(settings, children), interrupted.then(() => 130)]);
    return code ?? (await serveOn(children, interrupted));
  } finally {
    // The API first, so that it ends its sessions while the device is still there.
    for (const child of children.toReversed()) await child.stop();
  }
}

/** The way of one job. Answers with the exit code where it ends with that, `null` to serve on. */
async function demonstrate(settings: Settings, children: Child[]): Promise<number | null> {
  progress("starting NetPulse and a simulated device");
  const lab = start(children, [
    "lab",
    "--devices",
    "1",
    "--port",
    "0",
    "--json",
    "--host-key",
    labHostKey(settings),
  ]);
  const serve = start(children, ["serve"], environment(settings));
  const device = await whenReady(lab, /^\{"lab":"ready".*\}$/m, "the simulated device", firstDevice);
  const url = await whenReady(
    serve,
    /^netpulse serving at (\S+?)\/?$/m,
    "NetPulse",
    ([, found = ""]) => found,
  );
  const key = apiKeyOf(settings);

  progress("sending one job: show version");
  const job = await runJob(url, key, device);
  console.log(JSON.stringify(job, null, 2));
  console.log(whereItIs(url, key, device));
  if (settings.once) progress("ended with this job; without --once it goes on serving");
  if (settings.once) return job.status === "finished" ? 0 : 1;
  console.log(whatNext(url, key, device));
  return null;
}

async function serveOn(children: Child[], interrupted: Promise<void>): Promise<number> {
  const ended = await Promise.race([interrupted.then(() => null), ...children.map((child) => child.exited)]);
  if (ended === null) return 0;
  throw new Refusal(
    `a part ended by itself (${ended.signal ?? `exit code ${ended.code}`}); its words are above`,
  );
}

/** The settings of `serve`, read as it reads them, so that both mean the same. */
function settingsOf(args: string[]): Settings | null {
  const { values } = parseOrRefuse(args);
  if (values.help) return null;
  const config = configOrRefuse(values.port === undefined ? [] : [`server.port=${values.port}`]);
  return {
    once: values.once ?? false,
    host: config.server.host,
    port: config.server.port,
    dataDir: resolve(config.dataDir),
    apiKey: config.server.apiKey,
  };
}

function configOrRefuse(overrides: string[]): Config {
  try {
    return loadConfig({ overrides }).config;
  } catch (error) {
    if (error instanceof StartupError) throw new Refusal(error.message);
    throw error;
  }
}

function parseOrRefuse(args: string[]) {
  try {
    return parseArgs({
      args,
      options: { once: { type: "boolean" }, port: { type: "string" }, help: { type: "boolean", short: "h" } },
    });
  } catch (error) {
    throw new Refusal(`${(error as Error).message.split(". ")[0]}; see bin/quickstart --help`);
  }
}

function prepareDataDir(dataDir: string): void {
  try {
    mkdirSync(join(dataDir, "lab"), { recursive: true, mode: 0o700 });
    accessSync(dataDir, constants.W_OK | constants.X_OK);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    throw new Refusal(
      `cannot write to ${dataDir} (${code}): set NETPULSE_DATA_DIR to a folder that is yours`,
    );
  }
}

/** Before anything is started, so that what is in the way is said in one line. */
function checkPort({ host, port }: Settings): Promise<void> {
  return new Promise((done, refuse) => {
    const server = createServer();
    server.once("error", (error: NodeJS.ErrnoException) => {
      const why = error.code === "EADDRINUSE" ? "is in use" : `cannot be listened on (${error.code})`;
      refuse(new Refusal(`port ${port} of ${host} ${why}: set NETPULSE_SERVER__PORT, or --port, to another`));
    });
    server.listen(port, host, () => server.close(() => done()));
  });
}

/** The first Ctrl-C ends everything in order, a second one at once. */
function untilInterrupted(children: Child[]): Promise<void> {
  let asked = false;
  return new Promise((done) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
      process.on(signal, () => {
        if (asked) for (const child of children) child.kill("SIGKILL");
        asked = true;
        done();
      });
    }
  });
}

/** In a process group of its own, out of the terminal's reach, and gone with us however we end. */
function start(children: Child[], args: string[], env?: Record<string, string>): Child {
  const command = [process.execPath, "--no-env-file", "--no-orphans", MAIN, ...args];
  const child = startChild(command, {
    detached: true,
    onStderr: (text) => process.stderr.write(text),
    ...(env === undefined ? {} : { env }),
  });
  children.push(child);
  return child;
}

function environment({ dataDir, port }: Settings): Record<string, string> {
  const inherited = Object.entries(process.env).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  );
  return {
    NETPULSE_LOG__LEVEL: "warn",
    ...Object.fromEntries(inherited),
    NETPULSE_DATA_DIR: dataDir,
    NETPULSE_SERVER__PORT: String(port),
  };
}

async function whenReady<T>(
  child: Child,
  line: RegExp,
  what: string,
  read: (match: RegExpMatchArray) => T,
): Promise<T> {
  try {
    return read(await child.waitFor(line, { deadline: 30_000 }));
  } catch {
    throw new Refusal(`${what} did not start; what it said is above`);
  }
}

interface Device {
  host: string;
  port: number;
}

function firstDevice([line]: RegExpMatchArray): Device {
  const { devices } = JSON.parse(line) as { devices: Device[] };
  const [device] = devices;
  if (device === undefined) throw new Error("no device");
  return device;
}

/** Kept, so that the simulated device stays the same to whoever remembers its key. */
function labHostKey({ dataDir }: Settings): string {
  return join(dataDir, "lab", "host_key");
}

function apiKeyOf({ apiKey, dataDir }: Settings): string {
  return apiKey ?? readFileSync(join(dataDir, "api-key"), "utf8").trim();
}

/** What `POST /device/exec` takes to run `command` on the simulated device. */
function request(device: Device, command: string) {
  const login = { username: "admin", password: "admin", secret: "admin" };
  return {
    driver: "netmiko",
    connection_args: { device_type: "cisco_ios", host: device.host, port: device.port, ...login },
    command,
  };
}

interface Job {
  id: string;
  status: string;
  ended_at: string | null;
}

async function runJob(url: string, key: string, device: Device): Promise<Job> {
  const body = JSON.stringify(request(device, "show version"));
  const sent = await call<Job>(`${url}/device/exec`, key, { method: "POST", body });
  for (;;) {
    const [job] = await call<Job[]>(`${url}/job?id=${sent.id}&wait=30`, key);
    if (job === undefined) throw new Refusal(`the job ${sent.id} is gone`);
    if (job.ended_at !== null) return job;
  }
}

async function call<T>(url: string, key: string, init: { method?: string; body?: string } = {}): Promise<T> {
  const response = await fetch(url, {
    ...init,
    headers: { "X-API-KEY": key, "Content-Type": "application/json" },
  });
  const answer = (await response.json()) as { message: string; data: T };
  if (!response.ok) throw new Refusal(`the API answered ${response.status}: ${answer.message}`);
  return answer.data;
}

function whereItIs(url: string, key: string, device: Device): string {
  return `
NetPulse   ${url}
Dashboard  ${url}/
Swagger    ${url}/swagger
API key    ${key}   (header X-API-KEY)
Device     ${device.host}:${device.port}, a simulated cisco_ios; user, password and enable are admin`;
}

function whatNext(url: string, key: string, device: Device): string {
  const body = JSON.stringify(request(device, "show running-config"));
  return `
Next, send a job of your own; the answer holds its id:

  curl -s '${url}/device/exec' -H 'X-API-KEY: ${key}' -H 'Content-Type: application/json' \\
    -d '${body}'

and read it, waiting until it has ended:

  curl -s '${url}/job?wait=30&id=ID' -H 'X-API-KEY: ${key}'

Ctrl-C ends NetPulse and the device.`;
}

function progress(text: string): void {
  console.error(`quickstart: ${text}`);
}

try {
  process.exit(await main());
} catch (error) {
  if (!(error instanceof Refusal)) throw error;
  progress(error.message);
  process.exit(2);
}
