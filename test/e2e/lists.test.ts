import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { Type } from "@sinclair/typebox";
import { type Netpulse, startNetpulse } from "../support/netpulse.ts";
import { Api, dataOf, wrongFields } from "./support/api.ts";
import { type Job, JobSchema, type Worker } from "./support/contract.ts";
import { type Device, startDevice } from "./support/device.ts";
import { on, startHeldJob } from "./support/held-job.ts";

setDefaultTimeout(30_000);

let netpulse: Netpulse;
let api: Api;
beforeAll(async () => {
  netpulse = await startNetpulse({ env: { TZ: "Asia/Shanghai" } });
  api = new Api(netpulse);
});
afterAll(async () => {
  await netpulse?.stop();
});

describe("lists", () => {
  let device: Device;
  let other: Device;
  let done: Job[];
  let cancelled: string[];
  beforeAll(async () => {
    [device, other] = await Promise.all([startDevice(), startDevice()]);
    const finished = await api.run(on(device, { command: "show clock" }));
    const failed = await api.run(on(device, { command: "show nothing" }));
    const fifo = await api.run(on(device, { command: "show clock", queue_strategy: "fifo" }));
    done = [finished, failed, fifo];
    await startHeldJob(api, other);
    const waiting = [];
    for (let n = 0; n < 7; n += 1) waiting.push((await api.exec(on(other, { command: "show clock" }))).id);
    cancelled = waiting;
    await api.cancel(`host=${other.handle.host}`);
  });
  afterAll(async () => {
    await Promise.all([device?.stop(), other?.stop()]);
  });

  const ids = (jobs: Job[]) => jobs.map((job) => job.id);

  test("filters narrow together", async () => {
    const { host } = device.handle;
    const [finished, failed, fifo] = ids(done);
    expect(ids(await api.jobs(`host=${host}`))).toEqual([fifo, failed, finished].map(String));
    expect(ids(await api.jobs(`host=${host}&status=finished`))).toEqual([fifo, finished].map(String));
    expect(ids(await api.jobs(`host=${host}&status=finished&queue=FifoQ`))).toEqual([String(fifo)]);
    expect(ids(await api.jobs(`host=${host}&queue=FifoQ&status=failed`))).toEqual([]);
    expect(ids(await api.jobs(`host=${host}&node=${done[0]?.node}&driver=netmiko&order=asc`))).toEqual(
      ids(done),
    );
    expect(ids(await api.jobs(`host=${host}&node=another`))).toEqual([]);
    expect(ids(await api.jobs(`host=${host}&driver=paramiko`))).toEqual([]);
    expect(ids(await api.jobs(`worker=${fifoWorker()}&host=${host}`))).toEqual([String(fifo)]);
    const since = encodeURIComponent(done[1]?.created_at ?? "");
    expect(ids(await api.jobs(`host=${host}&since=${since}`))).toEqual([fifo, failed].map(String));
    expect(ids(await api.jobs(`host=${host}&until=${since}`))).toEqual([String(finished)]);
  });

  const fifoWorker = () => encodeURIComponent(`${done[2]?.worker}`);

  test("times are in the zone of TZ, also those of filters that name none", async () => {
    const [finished] = done;
    const created = finished?.created_at ?? "";
    expect(created).toEndWith("+08:00");
    expect(Math.abs(Date.parse(created) - Date.now())).toBeLessThan(60_000);
    const { host } = device.handle;
    const local = created.replace("+08:00", "");
    expect(await api.jobs(`host=${host}&since=${local}`)).toHaveLength(3);
    expect(await api.jobs(`host=${host}&until=${local}`)).toEqual([]);
  });

  test("a device has one name, however it is written", async () => {
    const login = { username: "admin", password: "admin", device_type: "cisco_ios" };
    const written = ["0:0:0:0:0:0:0:1", "::0001", "[::1]", "::1"];
    const jobs = await Promise.all(
      written.map((host) =>
        api.run({ driver: "netmiko", command: "show clock", connection_args: { ...login, host, port: 1 } }),
      ),
    );
    expect(jobs.map((job) => job.host)).toEqual(written.map(() => "::1"));
    expect(new Set(jobs.map((job) => job.queue)).size).toBe(1);
    expect(await api.jobs(`host=${encodeURIComponent("0000::1")}`)).toHaveLength(written.length);
  });

  test("id alone decides", async () => {
    const [finished] = ids(done);
    expect(ids(await api.jobs(`id=${finished}&status=failed&host=10.9.9.9`))).toEqual([String(finished)]);
    expect((await api.get("/job?id=job_00000000000000000000000000&status=finished")).status).toBe(404);
  });

  test("result=false leaves the output out", async () => {
    const list = await api.get(`/job?host=${device.handle.host}&result=false`);
    expect(list.status).toBe(200);
    expect(list.text).not.toContain("outputs");
    expect((list.data as unknown[]).length).toBe(3);
  });

  test("pages follow each other without a gap or a repeat, while jobs are added", async () => {
    const query = `host=${other.handle.host}&status=cancelled&limit=3`;
    const seen: string[] = [];
    const sizes: number[] = [];
    let next: string | null = `/job?${query}`;
    while (next !== null) {
      const page = await api.get(next);
      const jobs = dataOf(page, 200, Type.Array(JobSchema));
      expect(page.pagination?.limit).toBe(3);
      sizes.push(jobs.length);
      seen.push(...ids(jobs));
      const cursor: string | null = page.pagination?.next_cursor ?? null;
      const link = page.headers.get("link");
      next = link === null ? null : followed(link);
      expect(next === null).toBe(cursor === null);
      if (cursor !== null) {
        const byCursor = await api.get(`/job?${query}&cursor=${encodeURIComponent(cursor)}`);
        expect(byCursor.data).toEqual((await api.get(String(next))).data);
      }
      const { id } = await api.exec(on(other, { command: "show clock" }));
      await api.cancel(`id=${id}`);
    }
    expect(sizes).toEqual([3, 3, 1]);
    expect(seen).toEqual([...cancelled].reverse());
  });

  test("a cursor holds for its own filter only", async () => {
    const page = await api.get(`/job?host=${other.handle.host}&limit=2`);
    const cursor = encodeURIComponent(`${page.pagination?.next_cursor}`);
    const answer = await api.get(`/job?host=${device.handle.host}&limit=2&cursor=${cursor}`);
    expect(Object.keys(wrongFields(answer, "query"))).toEqual(["cursor"]);
  });

  test("oldest first on request", async () => {
    const jobs = await api.jobs("order=asc");
    const newest = await api.jobs("order=desc");
    expect(ids(jobs)).toEqual(ids(newest).reverse());
    expect(jobs.map((job) => job.created_at)).toEqual(jobs.map((job) => job.created_at).sort());
  });

  test("workers: the queue wins, node and host narrow, status too", async () => {
    const names = (workers: Worker[]) => workers.map((worker) => worker.name).sort();
    const all = await api.workers();
    const pinned = all.filter((worker) => worker.host === device.handle.host);
    expect(pinned).toHaveLength(1);
    expect(names(await api.workers(`host=${device.handle.host}`))).toEqual(names(pinned));
    expect(names(await api.workers(`host=${device.handle.host}&node=another`))).toEqual([]);
    expect(names(await api.workers("queue=FifoQ&host=10.9.9.9"))).toEqual(
      names(all.filter((worker) => worker.queues.includes("FifoQ"))),
    );
    expect(names(await api.workers("status=dead"))).toEqual(
      names(all.filter(({ status }) => status === "dead")),
    );
  });

  test("workers are paged as well", async () => {
    const all = await api.workers();
    const seen: string[] = [];
    let next: string | null = "/worker?limit=4";
    while (next !== null) {
      const page = await api.get(next);
      seen.push(...(page.data as Worker[]).map((worker) => worker.name));
      const link = page.headers.get("link");
      next = link === null ? null : followed(link);
    }
    expect(seen).toEqual(all.map((worker) => worker.name));
  });
});

/** Where a `Link: <…>; rel="next"` leads, from the top of the server. */
function followed(link: string): string {
  const [, target = ""] = link.match(/^<([^>]+)>;\s*rel="?next"?$/) ?? [];
  const url = new URL(target, netpulse.url);
  return `${url.pathname}${url.search}`;
}
