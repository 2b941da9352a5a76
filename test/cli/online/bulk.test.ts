import { beforeEach, describe, expect, test } from "bun:test";
import { batchCommand } from "../../../src/cli/online/commands/batch.ts";
import { bulkCommand } from "../../../src/cli/online/commands/bulk.ts";
import { aBatch, anEndedJob, anOutput, type MemoryEngine } from "../../api/memory-engine.ts";
import { type OnlineWorld, onlineWorld, people } from "./support.ts";

let world: OnlineWorld;
beforeEach(async () => {
  world = await onlineWorld({ bulk: bulkCommand, batch: batchCommand });
  runsAtOnce(world.engine);
});

const ERROR = { type: "ConnectionError", message: "refused", retryable: true } as const;

/** Batches of an engine whose devices answer at once; those of 10.0.0.x refuse. */
function runsAtOnce(engine: MemoryEngine): void {
  const submit = engine.submitBulk.bind(engine);
  engine.submitBulk = async (bulk, caller) => {
    const answer = await submit(bulk, caller);
    const id = `batch_${engine.bulks.length}`;
    if (answer.batch === null) return answer;
    engine.batches.set(id, aBatch({ id, jobs: answer.jobs.length }));
    for (const [n, job] of answer.jobs.entries()) {
      const { host } = (engine.submitted.at(n - answer.jobs.length)?.request.connectionArgs ?? {}) as {
        host: string;
      };
      const { seq, command } = job;
      const failed = host.startsWith("10.")
        ? { status: "failed", result: { type: "failed", error: ERROR } }
        : {};
      Object.assign(job, anEndedJob({ id: job.id, seq, command, host, batchId: id, ...(failed as object) }));
      engine.printed.set(job.id, [anOutput({ stdout: `of ${host}\n` })]);
    }
    return { ...answer, batch: aBatch({ id, jobs: answer.jobs.length }) };
  };
}

const LIST = "host,username,password,region\n192.0.2.1,,,north\n192.0.2.2,ops,1234,south\n10.0.0.3,,,north\n";
const argv = (...more: string[]) => ["bulk", "-", "show version", "-t", "cisco_ios", "-u", "admin", ...more];
const sent = () => world.engine.submitted.map(({ request }) => request);

describe("netpulse bulk", () => {
  test("runs it on each device, columns before options, and tells what became of each", async () => {
    const { code, out, err } = await world.netpulse(argv(), { input: LIST.replaceAll(/,[^,]*$/gm, "") });
    expect({ code, err }).toEqual({ code: 4, err: "2 of 3 finished well\n" });
    expect(out).toBe(
      "10.0.0.3\tfailed\t3 s\tjob_3\tConnectionError: refused\n" +
        "192.0.2.1\tfinished\t3 s\tjob_1\t\n192.0.2.2\tfinished\t3 s\tjob_2\t\n",
    );
    expect(sent().map(({ connectionArgs }) => connectionArgs)).toEqual([
      { host: "192.0.2.1", device_type: "cisco_ios", username: "admin" },
      { host: "192.0.2.2", device_type: "cisco_ios", username: "ops", password: "1234" },
      { host: "10.0.0.3", device_type: "cisco_ios", username: "admin" },
    ]);
  });

  test("shows people what went wrong, and how far it is", async () => {
    const input = "host\n192.0.2.1\n10.0.0.3\n";
    const { out, err } = await world.netpulse(argv(), { input, terminal: people("") });
    expect(out).toContain("10.0.0.3");
    expect(out).not.toContain("192.0.2.1");
    expect(err).toContain(
      "\r[########################] 2/2  \x1b[31m1 failed\x1b[0m\x1b[K\r\x1b[K1 of 2 finished well\n",
    );
  });

  test("--csv and --output have what devices printed, --json all that is known", async () => {
    const input = "host\n192.0.2.1\n";
    const csv = await world.netpulse(argv("--csv"), { input });
    expect(csv.out).toBe(
      'host,status,duration,job,error,output\r\n192.0.2.1,finished,3 s,job_1,,"of 192.0.2.1\n"\r\n',
    );
    const text = await world.netpulse(argv("--output"), { input });
    expect({ code: text.code, out: text.out }).toEqual({ code: 0, out: "# 192.0.2.1\nof 192.0.2.1\n" });
    const json = JSON.parse((await world.netpulse(argv("--json"), { input })).out);
    expect(json).toEqual([
      expect.objectContaining({ host: "192.0.2.1", status: "finished", output: "of 192.0.2.1\n" }),
    ]);
  });

  test("takes JSON, with lists and commands of a device's own", async () => {
    const devices = [
      { host: "192.0.2.1", command: ["show a", "show b"] },
      { host: "192.0.2.2", config: "hostname x" },
    ];
    for (const input of [JSON.stringify(devices), JSON.stringify({ devices })]) {
      const { code } = await world.netpulse(["bulk", "-", "-t", "cisco_ios"], { input });
      expect(code).toBe(0);
    }
    expect(
      sent()
        .slice(0, 2)
        .map(({ operation }) => operation),
    ).toEqual([
      { kind: "command", text: ["show a", "show b"] },
      { kind: "config", text: "hostname x" },
    ]);
  });

  test("takes where each login is kept, and asks for no password then", async () => {
    const input = "host,credential\n192.0.2.1,core/admin\n192.0.2.2,branch\n";
    const { code } = await world.netpulse(["bulk", "-", "show version", "-t", "cisco_ios"], {
      input,
      terminal: { ...people(), ask: async () => "s3cret" },
    });
    expect(code).toBe(0);
    expect(sent().map(({ credentials }) => credentials?.map(({ ref }) => ref))).toEqual([
      ["core/admin"],
      ["branch"],
    ]);
    expect(JSON.stringify(sent())).not.toContain("s3cret");
  });

  test("passes on how careful it is to be", async () => {
    await world.netpulse(argv("--canary", "1", "--stop-after-failures", "2", "-q", "fifo"), {
      input: "host\n192.0.2.1\n",
    });
    expect(world.engine.bulks[0]).toMatchObject({
      canary: 1,
      stopAfterFailures: 2,
      idempotencyKey: expect.any(String),
    });
    expect(sent()[0]?.queueStrategy).toBe("fifo");
  });

  test("a device that is refused stands with its reason, and the others run", async () => {
    const input = JSON.stringify(
      [{ host: "192.0.2.1" }, { host: "192.0.2.2", command: 5 }].map((row) => row),
    );
    expect((await world.netpulse(argv(), { input })).code).toBe(2);
    const odd = JSON.stringify([{ host: "192.0.2.1" }, { host: "192.0.2.2", command: "" }]);
    const { code, out, err } = await world.netpulse(argv(), { input: odd });
    expect(code).toBe(4);
    expect(out).toMatch(/^192\.0\.2\.2\trefused\t\t\tcommand: /);
    expect(err).toContain("netpulse: 192.0.2.2: command: ");
  });

  test("where all are refused there is no batch, and nothing to wait for", async () => {
    const { code, out } = await world.netpulse(argv(), {
      input: JSON.stringify([{ host: "a", command: "" }]),
    });
    expect(code).toBe(1);
    expect(out).toMatch(/^a\trefused\t/);
  });

  test("--group-by makes a batch of each value, one after another, and stops after failures", async () => {
    const { code, err } = await world.netpulse(argv("--group-by", "region"), { input: LIST });
    expect(code).toBe(4);
    expect(err).toBe(
      "region north: 2 devices\nnetpulse: stopped after region north: 1 device left alone\n1 of 3 finished well\n",
    );
    expect(sent()).toHaveLength(2);
    expect(sent()[0]?.connectionArgs).not.toHaveProperty("region");
    const all = await world.netpulse(argv("--group-by", "region", "--keep-going"), { input: LIST });
    expect(all.err).toBe("region north: 2 devices\nregion south: 1 device\n2 of 3 finished well\n");
    expect(world.engine.bulks.map(({ count }) => count)).toEqual([2, 2, 1]);
  });

  test("--dry-run prints what would be sent, no secret of it, and sends nothing", async () => {
    const { code, out, err } = await world.netpulse(argv("--group-by", "region", "--dry-run"), {
      input: LIST,
    });
    expect({ code, err }).toEqual({ code: 0, err: "3 devices in 2 batches; nothing was sent\n" });
    expect(out).toStartWith("192.0.2.1\tcisco_ios\tnorth\tcommand: show version\n");
    expect(out).not.toContain("1234");
    expect((await world.netpulse(argv("--dry-run", "--json"), { input: LIST })).out).not.toContain("1234");
    expect(world.engine.bulks).toEqual([]);
  });

  test("--no-wait ends with what was queued", async () => {
    const { code, err } = await world.netpulse(argv("--no-wait"), { input: "host\n192.0.2.1\n" });
    expect(code).toBe(0);
    expect(err).toStartWith("batch batch_1\n");
  });

  test("--retry asks for what has failed of a batch", async () => {
    await world.netpulse(argv(), { input: "host\n10.0.0.1\n" });
    const { code, err } = await world.netpulse(argv("--retry", "batch_1"), { input: "host\n192.0.2.1\n" });
    expect({ code, err }).toEqual({ code: 0, err: "1 of 1 finished well\n" });
    expect((await world.netpulse(argv("--retry", "batch_9"), { input: "host\na\n" })).code).toBe(5);
  });

  test.each([
    ["hots\n192.0.2.1\n", [], '"host" is not among them'],
    ["host,pasword\n192.0.2.1,s3cret\n", [], 'there is no "pasword"; did you mean "password"?'],
    ["host,device_type\n192.0.2.1,cisco_oss\n", [], 'did you mean "cisco_ios"?'],
    ["host\n", [], "the list names no device"],
    ["host,port\n,22\n", [], "device 1 has no host"],
    ["host,host\na,b\n", [], 'two columns "host"'],
    ["host\na,b\n", [], "more cells than there are columns"],
    ["host\na\n", ["--group-by", "region"], 'no device has "region"'],
    ['[{"host": "s3cret}]', [], "the list is no valid JSON"],
    ['{"hosts": []}', [], "JSON holds a list of objects"],
    ["host\na\n", ["--config-from", "x"], "give commands or --config-from, not both"],
  ])("refuses %p %p, and sends nothing", async (input, more, message) => {
    const { code, err } = await world.netpulse(argv(...more), { input });
    expect(code).toBe(2);
    expect(err).toContain(message);
    expect(err).not.toContain("s3cret");
    expect(world.engine.bulks).toEqual([]);
  });

  test("says which device has nothing to do", async () => {
    const { code, err } = await world.netpulse(["bulk", "-"], { input: "host,command\na,x\nb,\n" });
    expect({ code, err }).toEqual({
      code: 2,
      err: "netpulse: b has no command or config of its own; give commands, or --config-from\n",
    });
    expect((await world.netpulse(["bulk", "-", "--config-from", "-"])).err).toContain(
      "cannot both come by stdin",
    );
    expect((await world.netpulse(["bulk", "/nowhere.csv", "x"])).err).toContain(
      "/nowhere.csv cannot be read (ENOENT)",
    );
  });
});

describe("netpulse batch", () => {
  beforeEach(async () => {
    await world.netpulse(argv(), { input: "host\n192.0.2.1\n10.0.0.3\n" });
  });

  test("show, jobs and wait tell how far it has come, failures first", async () => {
    const { out } = await world.netpulse(["batch", "show", "batch_1"]);
    expect(out).toContain("size\t2\nqueued\t0\nstarted\t0\nfinished\t1\nfailed\t1\n");
    const jobs = await world.netpulse(["batch", "jobs", "batch_1", "--limit", "1"]);
    expect(jobs.out).toBe("10.0.0.3\tfailed\t3 s\tjob_2\tConnectionError: refused\n");
    expect(JSON.parse((await world.netpulse(["batch", "jobs", "batch_1", "--json"])).out)).toHaveLength(2);
    expect((await world.netpulse(["batch", "wait", "batch_1"])).code).toBe(4);
  });

  test("cancel names what it cancelled", async () => {
    for (const job of world.engine.all) job.status = "queued";
    expect(await world.netpulse(["batch", "cancel", "batch_1"])).toEqual({
      code: 0,
      out: "job_1\njob_2\n",
      err: "",
    });
  });

  test("Ctrl-C while it is waited for asks, and cancels what is queued", async () => {
    for (const job of world.engine.all) job.status = "queued";
    const batch = world.engine.batch.bind(world.engine);
    let press = () => {};
    world.engine.batch = async (id) => {
      press();
      return await batch(id);
    };
    const terminal = {
      ...people("y"),
      onInterrupt(heard: () => void) {
        press = heard;
        return () => {};
      },
    };
    const { code, err } = await world.netpulse(["batch", "wait", "batch_1"], { terminal });
    expect(code).toBe(130);
    expect(err).toContain("interrupted; 2 queued jobs cancelled; what has started goes on");
    expect(world.engine.all.map(({ status }) => status)).toEqual(["cancelled", "cancelled"]);
  });
});
