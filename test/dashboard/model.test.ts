import { describe, expect, test } from "bun:test";
import { builtinDrivers } from "../../drivers/index.ts";
import type { HostKey, Job, JobEvent, Worker } from "../../src/client/index.ts";
import { EMPTY, requestOf } from "../../src/dashboard/browser/model/console.ts";
import { parseDevices, placeOf } from "../../src/dashboard/browser/model/device-list.ts";
import { breakerOf, summaries } from "../../src/dashboard/browser/model/devices.ts";
import { type DriverForm, type Forms, readForms } from "../../src/dashboard/browser/model/forms.ts";
import { pointsFromJobs } from "../../src/dashboard/browser/model/history.ts";
import { LiveJob, MOST_KEPT, MOST_SHOWN } from "../../src/dashboard/browser/model/live-output.ts";
import { buckets, Metrics, quantile } from "../../src/dashboard/browser/model/metrics.ts";
import { TestApi } from "../api/client.ts";

describe("metrics", () => {
  const metrics = new Metrics(
    [
      "# HELP netpulse_jobs Jobs that are kept.",
      'netpulse_jobs{status="queued"} 3',
      'netpulse_jobs{status="failed"} 4',
      'odd{name="a \\"quoted\\", {name}\\nb"} 1',
      'wait_bucket{le="0.1",node="a"} 1',
      'wait_bucket{le="0.1",node="b"} 1',
      'wait_bucket{le="1",node="a"} 5',
      'wait_bucket{le="1",node="b"} 3',
      'wait_bucket{le="+Inf",node="a"} 6',
      'wait_bucket{le="+Inf",node="b"} 4',
      "netpulse_up 1",
    ].join("\n"),
  );

  test("are read with their labels, and added up", () => {
    expect(metrics.sum("netpulse_up")).toBe(1);
    expect(metrics.sum("netpulse_jobs")).toBe(7);
    expect(metrics.sum("netpulse_jobs", { status: "failed" })).toBe(4);
    expect(metrics.sum("none")).toBe(0);
    expect(metrics.all("odd")[0]?.labels.name).toBe('a "quoted", {name}\nb');
  });

  test("give quantiles of what came between two readings", () => {
    const now = buckets(metrics, "wait");
    expect([...now]).toEqual([
      [0.1, 2],
      [1, 8],
      [Number.POSITIVE_INFINITY, 10],
    ]);
    expect(quantile(0.5, now, new Map())).toBeCloseTo(0.1 + 0.9 * (3 / 6));
    expect(quantile(0.99, now, new Map())).toBe(1);
    expect(quantile(0.5, now, now)).toBeNull();
    // A node that started anew counts from 0.
    expect(quantile(0.5, now, new Map([[0.1, 100]]))).not.toBeNull();
  });
});

test("charts begin with what the latest jobs tell", () => {
  const now = 1_700_000_000;
  const at = (ago: number) => new Date((now - ago) * 1000).toISOString();
  const job = (ago: number, status: string) =>
    ({ created_at: at(ago + 1), ended_at: at(ago), status, queue_time: 1, duration: 2 }) as Job;
  const points = pointsFromJobs([job(50, "finished"), job(50, "failed"), job(2000, "finished")], now);
  expect(points.at(-1)?.at).toBeLessThanOrEqual(now);
  expect(points.length).toBeLessThanOrEqual(60);
  expect(points.filter(({ failed }) => failed > 0)).toEqual([
    expect.objectContaining({ succeeded: 1 / 15, failed: 1 / 15, waitP95: 1, runP50: 2, fifo: null }),
  ]);
  expect(pointsFromJobs([], now)).toEqual([]);
});

describe("the list of devices", () => {
  test.each([
    ["192.0.2.1", { host: "192.0.2.1" }],
    ["192.0.2.1:2222", { host: "192.0.2.1", port: 2222 }],
    ["r1.example.net", { host: "r1.example.net" }],
    ["2001:db8::1", { host: "2001:db8::1" }],
    ["[2001:db8::1]:22", { host: "2001:db8::1", port: 22 }],
  ])("has an address: %s", (line, device) => {
    expect(parseDevices(`# comment\n\n  ${line}\n`)).toEqual({ devices: [device], wrong: [] });
  });

  test("is a table where its first line names a column host", () => {
    const text = 'password,host,port\n"a,""b""",192.0.2.1,22\n,192.0.2.2,\nx,,22\na,b,1,more';
    expect(parseDevices(text)).toEqual({
      devices: [{ host: "192.0.2.1", password: 'a,"b"', port: 22 }, { host: "192.0.2.2" }],
      wrong: ["“x,,22” does not fit the first line", "“a,b,1,more” does not fit the first line"],
    });
  });

  test("names lines that are no address", () => {
    expect(parseDevices("192.0.2.1, 192.0.2.2").wrong).toHaveLength(1);
    expect(parseDevices("192.0.2.1:ssh\n192.0.2.2")).toEqual({
      devices: [{ host: "192.0.2.2" }],
      wrong: ["“192.0.2.1:ssh” is no host, and no host:port"],
    });
  });

  test.each([
    ["FifoQ", "192.0.2.1", {}],
    ["FifoQ_branch", "192.0.2.1", { site: "branch" }],
    ["pinned_192.0.2.1", "192.0.2.1", {}],
    ["pinned_192.0.2.1:830", "192.0.2.1", { port: "830" }],
    ["pinned_branch/192.0.2.1:830", "192.0.2.1", { site: "branch", port: "830" }],
    ["pinned_2001:db8::1", "2001:db8::1", {}],
    ["pinned_[2001:db8::1]:830", "2001:db8::1", { port: "830" }],
  ])("has where a job's queue says it is: %s", (queue, host, place) => {
    expect(placeOf({ queue, host })).toEqual(place);
  });
});

describe("a live job", () => {
  const event = (type: string, data: object) => ({ type, id: "", data }) as JobEvent;

  test("puts together what its events tell", () => {
    const job = new LiveJob();
    job.take(event("state", { id: "job_1", status: "started" }));
    job.take(event("command", { index: 0, command: "show clock" }));
    job.take(event("output", { index: 0, stream: "stdout", text: "12:" }));
    job.take(event("output", { index: 0, stream: "stdout", text: "00" }));
    job.take(event("output", { index: 0, stream: "stderr", text: "!" }));
    job.take(event("command_end", { index: 0, ok: true, exit_status: 0, duration: 0.5 }));
    job.take(event("parsed", { index: 0, json: '[{"a":' }));
    job.take(event("parsed", { index: 0, json: "1}]" }));
    job.take(event("parsed_end", { index: 0, parse_error: null }));
    job.take(event("end", { id: "job_1", status: "finished" }));
    expect(job.ended).toBe(true);
    expect(job.outputs).toEqual([
      expect.objectContaining({
        command: "show clock",
        segments: [
          { stream: "stdout", text: "12:00" },
          { stream: "stderr", text: "!" },
        ],
        ok: true,
        exitStatus: 0,
        parsed: [{ a: 1 }],
      }),
    ]);
    job.take(event("reset", {}));
    expect(job.outputs).toEqual([]);
  });

  test("keeps the end of what is long", () => {
    const job = new LiveJob();
    job.take(event("command", { index: 0, command: "show tech" }));
    for (let round = 0; round < 10; round++)
      job.take(event("output", { index: 0, stream: "stdout", text: String(round).repeat(MOST_SHOWN / 4) }));
    const [output] = job.outputs;
    expect(output?.length).toBe(MOST_SHOWN);
    expect(output?.dropped).toBe(MOST_SHOWN * 1.5);
    expect(output?.segments.map(({ text }) => text).join("")).toEndWith("9");
  });

  test("lets the first of many commands go", () => {
    const job = new LiveJob();
    const commands = (2 * MOST_KEPT) / MOST_SHOWN;
    for (let index = 0; index < commands; index++) {
      job.take(event("command", { index, command: "show tech" }));
      job.take(event("output", { index, stream: "stdout", text: "x".repeat(MOST_SHOWN) }));
    }
    expect(job.outputs).toHaveLength(commands);
    expect(job.outputs.reduce((sum, { length }) => sum + length, 0)).toBe(MOST_KEPT);
    expect(job.outputs[0]).toMatchObject({ segments: [], dropped: MOST_SHOWN, length: 0 });
    expect(job.outputs.at(-1)?.length).toBe(MOST_SHOWN);
  });
});

describe("devices", () => {
  const job = (host: string, status: string, type?: string) =>
    ({ id: `${host} ${status}`, host, status, result: type ? { error: { type } } : null }) as Job;

  test("are put together of jobs, workers and host keys", () => {
    const jobs = [job("b", "queued"), job("b", "finished"), job("a", "failed", "CircuitOpen")];
    const workers = [
      { host: "b", status: "idle", session: "connected" },
      { host: "a", status: "dead", session: "none" },
      { host: null, status: "idle", session: "none" },
    ] as Worker[];
    const keys = [{ host: "c" }] as HostKey[];
    expect(summaries(jobs, workers, keys)).toMatchObject([
      { host: "b", session: "connected", queued: 1, breaker: "closed" },
      { host: "a", session: "asleep", queued: 0, breaker: "open" },
      { host: "c", session: "asleep", breaker: "unknown", hasKey: true },
    ]);
  });

  test("have a breaker that is as their last ended job found it", () => {
    expect(breakerOf([job("a", "queued"), job("a", "finished"), job("a", "failed", "CircuitOpen")])).toBe(
      "closed",
    );
    expect(breakerOf([job("a", "started")])).toBe("unknown");
  });
});

describe("the console", () => {
  async function served(): Promise<{ forms: Forms; cli: DriverForm }> {
    const { api } = new TestApi({}, builtinDrivers);
    const response = await api.handle(new Request("http://localhost:9000/swagger/json"));
    const forms = readForms(await response.text());
    const cli = forms.drivers.find(({ name }) => name === "cli");
    if (cli === undefined) throw new Error("there is no form for cli");
    return { forms, cli };
  }

  test("has a form for each driver, made of what the API says of it", async () => {
    const { forms, cli } = await served();
    expect(forms.drivers.map(({ name }) => name)).toEqual(builtinDrivers.map(({ name }) => name));
    expect(forms.drivers.every(({ summary }) => summary !== "")).toBe(true);
    const kinds = Object.fromEntries(cli.connection.map(({ name, kind }) => [name, kind]));
    expect(kinds).toMatchObject({
      host: "text",
      port: "number",
      password: "secret",
      pkey: "long",
      device_type: "choice",
      legacy: "flag",
      jump_hosts: "json",
    });
    expect(kinds).not.toHaveProperty("fast_cli"); // taken for netmiko's sake, without effect
    expect(cli.connection.filter(({ required }) => required).map(({ name }) => name)).toEqual(
      expect.arrayContaining(["host", "device_type"]),
    );
    const options = Object.fromEntries(forms.options.map(({ name, kind }) => [name, kind]));
    expect(options).toMatchObject({ execution_timeout: "number", credential: "either", webhook: "json" });
  });

  test("makes requests that the API takes", async () => {
    const { forms, cli } = await served();
    const login = {
      host: "192.0.2.1",
      port: "22",
      username: "admin",
      device_type: "cisco_ios",
      legacy: "false",
    };
    const draft = { ...EMPTY, driver: "cli", text: "show version\nshow clock\n", connection: login };
    const one = requestOf({ ...draft, options: { priority: "5" }, parser: "textfsm" }, cli, forms);
    expect(one).toEqual({
      request: {
        kind: "exec",
        body: {
          driver: "cli",
          connection_args: {
            host: "192.0.2.1",
            port: 22,
            username: "admin",
            device_type: "cisco_ios",
            legacy: false,
          },
          command: ["show version", "show clock"],
          parsing: { name: "textfsm" },
          priority: 5,
        },
      },
    });
    const many = {
      ...draft,
      many: true,
      kind: "config",
      text: "hostname r1",
      devices: "a\nb:2222",
      canary: "1",
    } as const;
    const wanted: object = {
      request: {
        kind: "bulk",
        body: {
          driver: "cli",
          connection_args: { username: "admin", device_type: "cisco_ios", legacy: false },
          config: "hostname r1",
          devices: [{ host: "a" }, { host: "b", port: 2222 }],
          canary: 1,
        },
      },
    };
    expect<object>(requestOf(many, cli, forms)).toEqual(wanted);
    const { api } = new TestApi({}, builtinDrivers);
    for (const made of [one, requestOf(many, cli, forms)]) {
      if (!("request" in made)) throw new Error("it is no request");
      const { kind, body } = made.request;
      const headers = { "x-api-key": "test-key-0123456789", "content-type": "application/json" };
      const init = { method: "POST", headers, body: JSON.stringify(body) };
      const response = await api.handle(new Request(`http://localhost:9000/device/${kind}`, init));
      expect(response.status).toBe(201);
    }
  });

  test("takes a credential by its name, or as JSON", async () => {
    const { forms, cli } = await served();
    const made = (credential: string) =>
      requestOf({ ...EMPTY, text: "show clock", options: { credential } }, cli, forms);
    expect(made("core/routers")).toMatchObject({ request: { body: { credential: "core/routers" } } });
    expect(made('{"name": "vault", "ref": "core"}')).toMatchObject({
      request: { body: { credential: { name: "vault", ref: "core" } } },
    });
  });

  test("names what is no request by the API's names of places", async () => {
    const { forms, cli } = await served();
    const connection = { port: "ssh", jump_hosts: "[{" };
    expect(requestOf({ ...EMPTY, connection, many: true, devices: "" }, cli, forms)).toEqual({
      wrong: [
        { place: "connection_args.jump_hosts", msg: "must be JSON" },
        { place: "command", msg: "what is to be run?" },
        { place: "devices", msg: "which devices?" },
      ],
    });
    expect(requestOf({ ...EMPTY, connection, text: "x" }, cli, forms)).toMatchObject({
      wrong: [{ place: "connection_args.port" }, { place: "connection_args.jump_hosts" }],
    });
  });
});
