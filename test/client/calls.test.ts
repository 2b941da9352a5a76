import { expect, test } from "bun:test";
import { Netpulse } from "../../src/client/index.ts";
import { KEY } from "../api/client.ts";
import { aBatch, aJob, anEndedJob, anOutput, aWorker, NOON } from "../api/memory-engine.ts";
import { clientWorld, EXEC } from "./support/api.ts";

const { engine, hostKeys, url } = await clientWorld();

/** What the client asked for, as `GET /job`. */
const asked: string[] = [];
const client = new Netpulse({
  url,
  apiKey: KEY,
  fetch(target, init) {
    asked.push(`${init.method} ${new URL(target).pathname}`);
    return fetch(target, init);
  },
});

const BULK = { ...EXEC, devices: [{ host: "192.0.2.1" }] };

const UPLOAD = {
  driver: "linux",
  connection_args: { host: "192.0.2.1" },
  file_transfer: { operation: "upload" as const, remote_path: "/etc/motd" },
};
const LOGIN = { connection_args: { host: "192.0.2.1", username: "ops" } };
const TASK = `task_${"0a".repeat(12)}`;
/** A job whose end was told. */
const DELIVERED = `job_${"0b".repeat(12)}`;
/** The file that was uploaded. */
const stored = { id: "" };

/** Every method once, each against something that is there. A new method needs a line here, a new route a method. */
const CALLS: [name: string, call: () => Promise<unknown>][] = [
  ["devices.exec", () => client.devices.exec(EXEC)],
  ["devices.execWithFile", () => client.devices.execWithFile(UPLOAD, new File(["hello"], "motd.txt"))],
  ["devices.bulk", () => client.devices.bulk(BULK)],
  ["devices.test", () => client.devices.test({ driver: "cli", connection_args: { host: "192.0.2.1" } })],
  ["jobs.get", () => client.jobs.get("job_ended")],
  ["jobs.list", () => client.jobs.list({ status: "finished", since: new Date(0), order: "asc", limit: 1 })],
  ["jobs.all", () => all(client.jobs.all({ host: "192.0.2.1", result: false }))],
  ["jobs.output", () => client.jobs.output("job_ended", { offset: 0, index: 0 })],
  ["jobs.allOutput", () => all(client.jobs.allOutput("job_ended"))],
  ["jobs.wait", () => client.jobs.wait("job_ended", { timeoutMs: 1000 })],
  ["jobs.events", () => all(client.jobs.events("job_ended"))],
  ["jobs.cancel", () => client.jobs.cancel("job_queued")],
  ["jobs.abort", () => client.jobs.abort("job_started")],
  ["jobs.cancelWhere", () => client.jobs.cancelWhere({ queue: "FifoQ", until: "2030-01-01T00:00:00Z" })],
  ["batches.get", () => client.batches.get("batch_1")],
  ["batches.list", () => client.batches.list("batch_1", { result: false, limit: 5 })],
  ["batches.all", () => all(client.batches.all("batch_1"))],
  ["batches.watch", () => all(client.batches.watch("batch_1"))],
  ["batches.cancel", () => client.batches.cancel("batch_1")],
  ["batches.retry", () => client.batches.retry("batch_1", BULK, { cancelled: true })],
  ["workers.list", () => client.workers.list({ node: "n1", status: "idle" })],
  ["workers.all", () => all(client.workers.all())],
  ["workers.suspend", () => client.workers.suspend({ name: "worker_001" })],
  ["workers.resume", () => client.workers.resume({ queue: "FifoQ" })],
  ["workers.stop", () => client.workers.stop({ host: "192.0.2.1", node: "n1" })],
  [
    "files.upload",
    async () => Object.assign(stored, await client.files.upload(new Blob(["hello"]), "a b.txt")),
  ],
  ["files.download", async () => (await client.files.download(stored.id, { range: "bytes=1-2" })).text()],
  ["files.remove", () => client.files.remove(stored.id)],
  ["tasks.start", () => client.tasks.start({ ...LOGIN, command: "make" })],
  ["tasks.list", () => client.tasks.list({ status: "running", limit: 3 })],
  ["tasks.all", () => all(client.tasks.all())],
  ["tasks.look", () => client.tasks.look(TASK, { offset: 2, max_bytes: 10 })],
  ["tasks.discover", () => client.tasks.discover(LOGIN)],
  ["tasks.end", () => client.tasks.end(TASK)],
  ["deliveries.get", () => client.deliveries.get(DELIVERED)],
  ["deliveries.list", () => client.deliveries.list({ state: "dead", limit: 3 })],
  ["deliveries.all", () => all(client.deliveries.all({ job_id: DELIVERED }))],
  [
    "deliveries.replay",
    () => client.deliveries.replay(DELIVERED, { webhook: { url: "https://hooks.example.com" } }),
  ],
  ["hostKeys.list", () => client.hostKeys.list({ host: "192.0.2.1", port: 22 })],
  ["hostKeys.all", () => all(client.hostKeys.all())],
  ["hostKeys.forget", () => client.hostKeys.forget({ host: "192.0.2.1" })],
  [
    "templates.render",
    () => client.templates.render({ name: "jinja2", template: "{{ a }}", context: { a: 1 } }),
  ],
  ["templates.parse", () => client.templates.parse({ name: "regex", template: "(?P<a>x)", context: "x" })],
  ["audit.list", () => client.audit.list({ action: "exec", outcome: "done", since: new Date(0) })],
  ["audit.all", () => all(client.audit.all({ key: "default" }))],
  ["keys.own", () => client.keys.own()],
  ["system.down", () => client.system.down()],
  ["system.health", () => client.system.health()],
  ["system.metrics", () => client.system.metrics()],
  ["system.live", () => client.system.live()],
  ["system.ready", () => client.system.ready()],
  ["system.document", () => client.system.document()],
];

/** For clients of another protocol. */
const OTHERS = ["POST /mcp", "DELETE /mcp"];

/** A second name of a route. */
const ALIASES = [
  "POST /device/execute",
  "POST /device/test-connection",
  "POST /template/render/{name}",
  "POST /template/parse/{name}",
];

test("each call is taken by the API as it is made", async () => {
  engine.add(anEndedJob({ id: "job_ended", seq: 11 }));
  engine.add(aJob({ id: "job_queued", seq: 12 }));
  engine.add(aJob({ id: "job_started", seq: 13, status: "started" }));
  engine.batches.set("batch_1", aBatch({ jobs: 0 }));
  engine.workerList.push(aWorker({ host: "192.0.2.1" }));
  engine.onFollow = async function* () {
    yield { kind: "state", job: anEndedJob(), place: { attempts: 1, offset: 0 } };
  };
  const key = { site: null, host: "192.0.2.1", port: 22, algorithm: "ssh-rsa", fingerprint: "x" };
  hostKeys.keys.push({ ...key, firstSeen: 0 } as (typeof hostKeys.keys)[number]);
  engine.logs.set("job_ended", [{ kind: "data", index: 0, stream: "stdout", text: "hello" }]);
  const login = { driver: "linux", connectionArgs: LOGIN.connection_args, driverArgs: {} };
  await engine.tasks.keep(login, { id: TASK, command: "make", state: "running", createdAt: NOON });
  engine.deliveries.known.push({
    ...{ jobId: DELIVERED, status: "finished", target: "https://hooks.example.com", state: "dead" },
    ...{ tries: 1, createdAt: NOON, dueAt: null, settledAt: NOON, attempts: [] },
  });
  engine.onRunNow = async () => ({ job: anEndedJob(), outputs: [anOutput({ stdout: "" })], waiting: null });
  for (const [name, call] of CALLS) {
    const before = asked.length;
    await call();
    expect([name, asked.length - before]).toEqual([name, 1]);
  }
});

test("each method of the client is among them", () => {
  const parts = Object.entries(client).filter(([, part]) => typeof part === "object");
  const methods = parts.flatMap(([name, part]) =>
    Object.getOwnPropertyNames(Object.getPrototypeOf(part))
      .filter((method) => method !== "constructor")
      .map((method) => `${name}.${method}`),
  );
  // run is exec and wait.
  expect(methods.filter((name) => name !== "devices.run").sort()).toEqual(CALLS.map(([name]) => name).sort());
});

test("each route of the OpenAPI document is reached by one of them", async () => {
  const { paths } = JSON.parse(await client.system.document()) as {
    paths: Record<string, Record<string, { deprecated?: boolean }>>;
  };
  const routes = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods)
      .filter(([, { deprecated }]) => !deprecated)
      .map(([method]) => `${method.toUpperCase()} ${path}`),
  );
  const reached = (route: string) => {
    const pattern = new RegExp(`^${route.replace(/\{\w+\}/g, "[^/]+")}$`);
    return (
      ALIASES.includes(route) || OTHERS.includes(route) || asked.some((request) => pattern.test(request))
    );
  };
  expect(routes.filter((route) => !reached(route))).toEqual([]);
  expect(routes.length).toBeGreaterThan(20);
  expect(ALIASES.filter((alias) => !routes.includes(alias))).toEqual([]);
});

async function all<T>(values: AsyncIterable<T>): Promise<T[]> {
  return await Array.fromAsync(values);
}
