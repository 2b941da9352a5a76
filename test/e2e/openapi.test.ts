import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { builtinDrivers } from "../../drivers/index.ts";
import { TestApi } from "../api/client.ts";
import { type Netpulse, startNetpulse } from "../support/netpulse.ts";
import { Contract, type Operation } from "../support/openapi.ts";
import { type Sshd, startSshd } from "../support/sshd.ts";
import { type TempDir, tempDir } from "../support/tempdir.ts";
import { type Receiver, startReceiver } from "../webhook/receiver.ts";
import { Api } from "./support/api.ts";
import { type Device, startDevice } from "./support/device.ts";
import { on } from "./support/held-job.ts";
import { until } from "./support/until.ts";

setDefaultTimeout(30_000);

const made = await new TestApi({}, builtinDrivers).api.handle(new Request("http://np/swagger/json"));
const contract = new Contract(await made.json());

let netpulse: Netpulse;
let api: Api;
let device: Device;
let host: Sshd;
let templates: TempDir;
let receiver: Receiver;
/** A job of the device that has finished. */
let finished: string;
beforeAll(async () => {
  device = await startDevice();
  host = await startSshd();
  templates = await templateFolder();
  receiver = await startReceiver();
  const env = {
    NETPULSE_JOB__TEST_TIMEOUT: "5",
    NETPULSE_TEMPLATES_DIR: templates.path,
    NETPULSE_WEBHOOK__NETWORKS: "127.0.0.1",
  };
  netpulse = await startNetpulse({ env });
  api = new Api(netpulse);
  finished = (await api.run(on(device, { command: "show clock" }))).id;
});
afterAll(async () => {
  await netpulse?.stop();
  await device?.stop();
  await host?.stop();
  templates?.remove();
  await receiver?.[Symbol.asyncDispose]();
});

/** What the examples name. */
async function templateFolder(): Promise<TempDir> {
  const folder = tempDir("templates");
  const interfaces = "{% for each in interfaces %}interface {{ each.name }}\n{% endfor %}";
  const index =
    "Template, Hostname, Platform, Command\n\nversion.textfsm, .*, cisco_ios, sh[[ow]] ver[[sion]]\n";
  const version = "Value VERSION (\\S+)\n\nStart\n  ^.*Version $VERSION -> Record\n";
  await Bun.write(folder.file("cisco/interface.j2"), interfaces);
  await Bun.write(folder.file("index"), index);
  await Bun.write(folder.file("version.textfsm"), version);
  return folder;
}

interface Sent {
  path?: string;
  query?: Record<string, unknown>;
  headers?: Record<string, string>;
  /** Sent as JSON. */
  body?: unknown;
  /** Sent as it is. */
  file?: string;
}

interface Received {
  status: number;
  text: string;
  /** To the next page; empty: none. */
  link: string;
}

/** Sends a request for an operation and holds the answer to what the document promises. */
async function send(operation: Operation, sent: Sent): Promise<Received> {
  const path = operation.path.replace(/\{\w+\}/g, encodeURIComponent(sent.path ?? "none"));
  const query = new URLSearchParams(
    Object.entries(sent.query ?? {}).map(([name, value]): [string, string] => [name, String(value)]),
  );
  const response = await fetch(`${netpulse.url}${path}${query.size > 0 ? `?${query}` : ""}`, {
    method: operation.method,
    headers: { "x-api-key": netpulse.key, "content-type": "application/json", ...sent.headers },
    ...((sent.body ?? undefined) !== undefined && { body: JSON.stringify(sent.body) }),
    ...(sent.file !== undefined && { body: sent.file }),
  });
  const text = await response.text();
  const type = response.headers.get("content-type") ?? "";
  expect([operation.id, ...contract.answer(operation, response.status, type, text)]).toEqual([operation.id]);
  return { status: response.status, text, link: response.headers.get("link") ?? "" };
}

/** At a site that no node serves: stays queued. */
async function queuedJob(): Promise<string> {
  const connection_args = device.args({ site: "nowhere" });
  return (await api.exec(on(device, { connection_args, command: "show clock" }))).id;
}

async function cancelledBatch(body: unknown): Promise<string> {
  const answer = await api.call("POST", "/device/bulk", { json: body });
  const { batch_id } = answer.data as { batch_id: string };
  await api.delete(`/batch/${batch_id}`);
  // Some have started before that.
  const jobs = await api.jobs(`batch_id=${batch_id}`);
  await Promise.all(jobs.map(({ id }) => api.delete(`/job?id=${id}&force=true`)));
  await Promise.all(jobs.map(({ id }) => api.ended(id)));
  return batch_id;
}

/** A worker of `FifoQ`; one that is stopped comes back under another name. */
async function fifoWorker(): Promise<string> {
  const workers = await api.workers("queue=FifoQ");
  return workers.find(({ status }) => status !== "dead")?.name ?? "none";
}

async function storedFile(): Promise<string> {
  const { text } = await send(contract.operation("uploadFile"), {
    file: "a file of 42 bytes, as the example says it",
  });
  return JSON.parse(text).data.id;
}

const login = () => ({
  host: host.host,
  port: host.port,
  username: host.account.name,
  password: host.account.password,
});

/** A task that its host runs. */
async function runningTask(): Promise<string> {
  const body = { connection_args: login(), command: "sleep 600" };
  const { text } = await send(contract.operation("startDetachedTask"), { body });
  const { id, task_id } = JSON.parse(text).data;
  await api.ended(id);
  return task_id;
}

const webhook = () => ({ url: `http://127.0.0.1:${receiver.port}/netpulse` });

/** A job whose end was told. */
async function toldJob(): Promise<string> {
  const { id } = await api.run(on(device, { command: "show clock", webhook: webhook() }));
  await until("the delivery is made", async () => {
    const { data } = await api.get(`/webhook/deliveries/${id}`);
    return (data as { state?: string } | null)?.state === "delivered" || null;
  });
  return id;
}

async function hostKey() {
  await api.run(on(device, { command: "show clock" }));
  await api.delete(`/worker?host=${device.args().host}`); // the next job connects anew, and takes its key
  await api.run(on(device, { command: "show clock" }));
  return { host: device.args().host, port: device.args().port };
}

const bulkExample = contract.operation("bulkDevices").body?.examples[0];
const queuedPath = async (): Promise<Sent> => ({ path: await queuedJob() });
const finishedPath = async (): Promise<Sent> => ({ path: finished });
const workerPath = async (): Promise<Sent> => ({ path: await fifoWorker() });
const workerQuery = async (): Promise<Sent> => ({ query: { name: await fifoWorker() } });
const batchPath = async (): Promise<Sent> => ({ path: await cancelledBatch(bulkExample) });

async function mcpSession(): Promise<Sent> {
  const [body] = contract.operation("sendMcpMessage").body?.examples ?? [];
  const response = await fetch(`${netpulse.url}/mcp`, {
    method: "POST",
    headers: { "x-api-key": netpulse.key, "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  await response.text();
  return { headers: { "Mcp-Session-Id": response.headers.get("mcp-session-id") ?? "none" } };
}

/** What an operation needs that the document cannot know. */
const NEEDS: Record<string, () => Promise<Sent>> = {
  getJob: finishedPath,
  followJob: finishedPath,
  readOutput: finishedPath,
  deleteJob: queuedPath,
  cancelJobs: async () => ({ query: { queue: "FifoQ_nowhere" } }),
  deleteJobs: async () => ({ query: { queue: "FifoQ_nowhere" } }),
  getWorker: workerPath,
  deleteWorker: workerPath,
  stopWorkers: workerQuery,
  deleteWorkers: workerQuery,
  suspendWorkers: workerQuery,
  resumeWorkers: workerQuery,
  forgetHostKey: async () => ({ query: await hostKey() }),
  getBatch: batchPath,
  cancelBatch: batchPath,
  renderTemplateBy: async () => ({ path: "jinja2" }),
  uploadFile: async () => ({ file: "hello" }),
  downloadFile: async () => ({ path: await storedFile() }),
  deleteFile: async () => ({ path: await storedFile() }),
  getDetachedTask: async () => ({ path: await runningTask() }),
  deleteDetachedTask: async () => ({ path: await runningTask() }),
  discoverDetachedTasks: async () => ({ body: { connection_args: login() } }),
  retryBatch: async () => ({ ...(await batchPath()), query: { cancelled: true } }),
  getDelivery: async () => ({ path: await toldJob() }),
  replayDelivery: async () => ({ path: await toldJob(), body: { webhook: webhook() } }),
  endMcpSession: mcpSession,
};

/** Bodies whose examples name a host that must be there for a success: they are executed with one that is. */
const LIVE_BODY = ["discoverDetachedTasks", "replayDelivery"];

const needs = async ({ id }: Operation): Promise<Sent> => (await NEEDS[id]?.()) ?? {};

/** Parameters that name one thing, or go with another: what must stand beside them, or instead of them. */
const LIVE: Record<string, (operation: Operation, sent: Sent) => Promise<Record<string, unknown>>> = {
  id: async ({ method }) => ({ id: method === "GET" ? finished : await queuedJob() }),
  wait: async ({ path }) => ({ wait: 30, ...(path.endsWith("}") ? {} : { id: finished }) }),
  force: async ({ path }) => ({ force: true, ...(path.endsWith("}") ? {} : { id: await queuedJob() }) }),
  name: async () => ({ name: await fifoWorker() }),
  job_id: async () => ({ job_id: await toldJob() }),
  cursor: async (operation, sent) => {
    const { link } = await send(operation, { ...sent, query: { ...sent.query, limit: 1 } });
    const cursor = /[?&]cursor=([^&>]+)/.exec(link)?.[1];
    return { limit: 1, ...(cursor && { cursor: decodeURIComponent(cursor) }) };
  },
};

/** Headers that name one thing: what must be sent instead of the example. */
const LIVE_HEADER: Record<string, (operation: Operation) => Promise<Sent>> = {
  "Mcp-Session-Id": async ({ id }) => ({
    ...(await mcpSession()),
    ...(id === "sendMcpMessage" && { body: { jsonrpc: "2.0", id: 1, method: "tools/list" } }),
  }),
};

/** The body says what its parser is; the path must say the same. */
function pathOf({ id }: Operation, body: unknown): Sent {
  return id === "parseTextBy" ? { path: (body as { name: string }).name } : {};
}

/** What comes after the first message needs a session. */
async function sessionFor({ id }: Operation, body: unknown): Promise<Sent> {
  const begins = (body as { method?: string } | undefined)?.method === "initialize";
  return id === "sendMcpMessage" && !begins ? await mcpSession() : {};
}

/** A body that is right but for what is not there. */
function bodyForNothing({ id, body }: Operation): unknown {
  if (id === "renderTemplate") return { name: "jinja2", template: "cisco/none.j2" };
  if (id === "replayDelivery") return {};
  if (id === "parseText") return { name: "textfsm", template: "cisco/none.j2", context: "up" };
  if (id === "sendMcpMessage") return body?.examples[0];
  return body && bulkExample;
}

describe("every operation answers as the document promises", () => {
  const cases = contract.operations.flatMap((operation) =>
    (operation.body?.examples ?? [undefined]).map((body, n): [string, number, Operation, unknown] => [
      operation.id,
      n,
      operation,
      body,
    ]),
  );

  test.each(cases)("%s, example %d", async (_id, _n, operation, body) => {
    const sent =
      operation.id === "retryBatch"
        ? { path: await cancelledBatch(body), query: { cancelled: true } }
        : {
            ...(await needs(operation)),
            ...pathOf(operation, body),
            ...(await sessionFor(operation, body)),
          };
    const [success] = Object.keys(operation.responses);
    const example = body !== undefined && !LIVE_BODY.includes(operation.id) && { body };
    const { status, text } = await send(operation, { ...sent, ...example });
    expect([status, text]).toEqual([Number(success), text]);
  });
});

describe("every parameter is taken with its example", () => {
  const cases = contract.operations.flatMap((operation) =>
    operation.parameters
      .filter((parameter) => parameter.in !== "path")
      .map((parameter): [string, string, Operation, typeof parameter] => [
        operation.id,
        parameter.name,
        operation,
        parameter,
      ]),
  );

  test.each(cases)("%s %s", async (_id, name, operation, { in: where, example }) => {
    const sent = await needs(operation);
    if (operation.body) sent.body = operation.id === "retryBatch" ? bulkExample : operation.body.examples[0];
    // A key belongs to one body: operations may not share it.
    const value = name === "Idempotency-Key" ? `${operation.id}/${example}` : String(example);
    if (where === "header") {
      const live = await LIVE_HEADER[name]?.(operation);
      Object.assign(sent, live, { headers: { ...sent.headers, [name]: value, ...live?.headers } });
    } else sent.query = { ...sent.query, ...((await LIVE[name]?.(operation, sent)) ?? { [name]: example }) };
    const { status, text } = await send(operation, sent);
    const allowed = Object.keys(operation.responses)
      .map(Number)
      .filter((each) => each < 300);
    // A site or port of the example's host key is not there to be forgotten.
    if (operation.id === "forgetHostKey") allowed.push(404);
    expect([allowed.includes(status), text]).toEqual([true, text]);
  });

  test("once all listings have a second page to go to", async () => {
    const { text } = await send(contract.operation("getJobs"), { query: { limit: 1 } });
    expect(JSON.parse(text).pagination.next_cursor).toBeString();
  });
});

describe("what is not there, or not possible now, is said in the words of the example", () => {
  const exampleOf = ({ responses }: Operation, status: number) =>
    responses[status].content["application/json"].example;
  const missing = contract.operations.filter(({ responses }) => responses[404]);

  test.each(missing.map((operation): [string, Operation] => [operation.id, operation]))(
    "%s 404",
    async (_id, operation) => {
      const names = operation.parameters.map(({ name }) => name);
      const query = ["id", "name", "job_id"].filter(
        (name) => names.includes(name) && !operation.path.includes("{"),
      );
      const { status, text } = await send(operation, {
        query:
          operation.id === "forgetHostKey"
            ? { host: "192.0.2.99" }
            : Object.fromEntries(query.map((name) => [name, "none"])),
        headers: names.includes("Mcp-Session-Id") ? { "Mcp-Session-Id": "none" } : {},
        body: bodyForNothing(operation),
      });
      expect(status).toBe(404);
      expect(JSON.parse(text)).toEqual(exampleOf(operation, 404));
    },
  );

  test("discoverDetachedTasks 409", async () => {
    const operation = contract.operation("discoverDetachedTasks");
    const { status, text } = await send(operation, { body: { connection_args: { ...login(), port: 9 } } });
    expect([status, JSON.parse(text).message]).toEqual([
      409,
      exampleOf(operation, 409).message.replace("192.0.2.10 port 22", `${host.host} port 9`),
    ]);
  });

  test("downloadFile 416", async () => {
    const operation = contract.operation("downloadFile");
    const answer = await send(operation, { path: await storedFile(), headers: { range: "bytes=42-" } });
    expect([answer.status, JSON.parse(answer.text)]).toEqual([416, exampleOf(operation, 416)]);
  });

  test.each(["cancelJobs", "deleteJobs", "deleteJob"])("%s 409", async (id) => {
    const operation = contract.operation(id);
    const sent = operation.path.includes("{") ? { path: finished } : { query: { id: finished } };
    const { status, text } = await send(operation, sent);
    expect([status, JSON.parse(text)]).toEqual([409, exampleOf(operation, 409)]);
  });

  test("retryBatch 409", async () => {
    const connection_args = device.args({ site: "nowhere" });
    const body = {
      driver: "netmiko",
      connection_args,
      devices: [{ host: "192.0.2.1" }],
      command: "show clock",
    };
    const { data } = await api.call("POST", "/device/bulk", { json: body });
    const operation = contract.operation("retryBatch");
    const { status, text } = await send(operation, { path: (data as { batch_id: string }).batch_id, body });
    expect([status, JSON.parse(text)]).toEqual([409, exampleOf(operation, 409)]);
  });

  test("followJob 204: there is no more to come", async () => {
    const operation = contract.operation("followJob");
    const headers = { "Last-Event-ID": "1-0-end" };
    expect(await send(operation, { path: finished, headers })).toMatchObject({ status: 204, text: "" });
  });

  test("replayDelivery 409", async () => {
    const operation = contract.operation("replayDelivery");
    const { status, text } = await send(operation, { path: await toldJob() });
    expect([status, JSON.parse(text)]).toEqual([409, exampleOf(operation, 409)]);
  });

  test("no other operation promises a 409", () => {
    const promised = contract.operations.filter(({ responses }) => responses[409]).map(({ id }) => id);
    // That a task's host was lost in the meantime is a case of the tests of tasks.
    const tasks = ["deleteDetachedTask", "discoverDetachedTasks"];
    const others = ["cancelJobs", "deleteJob", "deleteJobs", "retryBatch", "replayDelivery"];
    expect(promised.sort()).toEqual([...others, ...tasks].sort());
  });
});
