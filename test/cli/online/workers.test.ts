import { beforeEach, describe, expect, test } from "bun:test";
import { workersCommand } from "../../../src/cli/online/commands/workers.ts";
import { aWorker } from "../../api/memory-engine.ts";
import { type OnlineWorld, onlineWorld, people } from "./support.ts";

let world: OnlineWorld;
beforeEach(async () => {
  world = await onlineWorld({ workers: workersCommand });
  world.engine.workerList.push(
    aWorker({ name: "worker_a", status: "busy", currentJobs: ["job_1"] }),
    aWorker({
      name: "worker_b",
      node: "n2",
      queue: "pinned_192.0.2.1",
      host: "192.0.2.1",
      session: "connected",
    }),
  );
});
const statuses = () => Object.fromEntries(world.engine.workerList.map(({ name, status }) => [name, status]));

describe("netpulse workers", () => {
  test("ls prints lines, a table, JSON or CSV, and narrows", async () => {
    const { code, out } = await world.netpulse(["workers", "ls"]);
    expect(code).toBe(0);
    expect(out).toBe(
      "worker_a\tbusy\tn1\tFifoQ\tnone\tjob_1\t150\t2\t2024-01-01T12:00:00.000+08:00\n" +
        "worker_b\tidle\tn2\tpinned_192.0.2.1\tconnected\t\t150\t2\t2024-01-01T12:00:00.000+08:00\n",
    );
    const table = await world.netpulse(["workers", "ls", "--node", "n2"], {
      terminal: { ...people(), columns: 200 },
    });
    expect(table.out).toMatch(/^\x1b\[1mNAME {4}\x1b.*\nworker_b {2}\x1b\[32midle/);
    const json = JSON.parse((await world.netpulse(["workers", "ls", "--status", "busy", "--json"])).out);
    expect(json.map(({ name }: { name: string }) => name)).toEqual(["worker_a"]);
    expect((await world.netpulse(["workers", "ls", "--csv"])).out).toStartWith("name,status,node,queues,");
  });

  test("show prints all of one", async () => {
    const { code, out } = await world.netpulse(["workers", "show", "worker_b"]);
    expect(code).toBe(0);
    expect(out).toMatch(/^name\tworker_b\nstatus\tidle\nnode\tn2\nqueues\tpinned_192\.0\.2\.1\n/);
    expect(out).toMatch(/^pid\t\d+\nmemory\t/m);
    expect(JSON.parse((await world.netpulse(["workers", "show", "worker_a", "--json"])).out).name).toBe(
      "worker_a",
    );
    expect(await world.netpulse(["workers", "show", "worker_c"])).toEqual({
      code: 5,
      out: "",
      err: 'netpulse: there is no worker "worker_c"\n',
    });
  });

  test("suspend and resume print the names", async () => {
    expect(await world.netpulse(["workers", "suspend", "--node", "n2"])).toEqual({
      code: 0,
      out: "worker_b\n",
      err: "",
    });
    expect(statuses()).toEqual({ worker_a: "busy", worker_b: "suspended" });
    expect((await world.netpulse(["workers", "resume", "worker_b"])).out).toBe("worker_b\n");
    expect(statuses()).toEqual({ worker_a: "busy", worker_b: "idle" });
  });

  test("stop says which jobs it interrupted", async () => {
    const { code, out } = await world.netpulse(["workers", "stop", "worker_a"]);
    expect({ code, out }).toEqual({ code: 0, out: "worker_a\tstopped\tjob_1\n" });
    expect(statuses()).toEqual({ worker_a: "dead", worker_b: "idle" });
    expect((await world.netpulse(["workers", "stop", "worker_a"])).code).toBe(5);
  });

  test.each([
    [["stop"], "say which workers"],
    [["stop", "worker_a", "--node", "n1"], "give a name or filters, not both"],
    [["ls", "--status", "bsy"], "Did you mean busy?"],
    [["stpo", "worker_a"], "Did you mean stop?"],
  ])("%p is wrong usage, and nothing is done", async (argv, message) => {
    const { code, err } = await world.netpulse(["workers", ...argv]);
    expect(code).toBe(2);
    expect(err).toContain(message);
    expect(statuses()).toEqual({ worker_a: "busy", worker_b: "idle" });
  });
});
