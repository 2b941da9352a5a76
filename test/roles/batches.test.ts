import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { type Device, startDevice } from "../e2e/support/device.ts";
import { until } from "../e2e/support/until.ts";
import { type Fleet, STORES, startFleet } from "./fleet.ts";

setDefaultTimeout(60_000);

const LEASE = { NETPULSE_WORKER__LEASE: "2", NETPULSE_WORKER__LEASE_MARGIN: "0.5" };

interface BatchJson {
  phase: string;
  reason: string | null;
  counts: Record<string, number>;
  jobs: { id: string; host: string; status: string }[];
}

interface BulkJson {
  batch_id: string;
  succeeded: { id: string; status: string; waiting_on: { reason: string } }[];
  failed: { index: number }[];
}

function bulkOf(devices: Device[], more: object = {}): object {
  return {
    driver: "netmiko",
    devices: devices.map((device) => device.args()),
    command: "show clock",
    queue_strategy: "fifo",
    ...more,
  };
}

async function bulk({ api }: Fleet, body: object): Promise<BulkJson> {
  const answer = await api.call("POST", "/device/bulk", { json: body });
  expect(answer.status).toBe(201);
  return answer.data as BulkJson;
}

function batchWhen({ api }: Fleet, id: string, done: (batch: BatchJson) => boolean): Promise<BatchJson> {
  return until(
    "the batch comes so far",
    async () => {
      const { data } = await api.get(`/batch/${id}`);
      return done(data as BatchJson) ? (data as BatchJson) : null;
    },
    30_000,
  );
}

describe.each(STORES)("a batch on %s", (store) => {
  test("is released by a node when its canary has finished, and what fails can be retried", async () => {
    await using fleet = await startFleet(LEASE, store);
    await using first = await startDevice();
    await using second = await startDevice();
    await fleet.node("n1");
    first.hold("show clock");
    const gone = { ...second.args(), port: 1 };
    const devices = [first.args(), second.args(), gone];
    const body = { ...bulkOf([]), devices, canary: 1, stop_after_failures: 5 };
    const { batch_id: id, succeeded } = await bulk(fleet, body);
    expect(succeeded[1]?.waiting_on.reason).toBe("held");
    await first.received("show clock");
    expect((await batchWhen(fleet, id, () => true)).phase).toBe("canary");
    expect(second.count("show clock")).toBe(0);
    first.release();
    const ended = await batchWhen(
      fleet,
      id,
      ({ counts }) => (counts.finished ?? 0) + (counts.failed ?? 0) === 3,
    );
    expect(ended).toMatchObject({ phase: "open", counts: { finished: 2, failed: 1 } });
    expect(ended.jobs[0]).toMatchObject({ status: "failed" });

    const mended = { ...body, devices: [first.args(), second.args(), second.args()] };
    const other = await fleet.api.call("POST", `/batch/${id}/retry`, { json: mended });
    expect(other.status).toBe(201);
    const { batch_id: again } = other.data as BulkJson;
    await batchWhen(fleet, again, ({ counts }) => counts.finished === 1);
    expect(second.count("show clock")).toBe(2);
  });

  test("is stopped by another node when the one that ran its canary is killed", async () => {
    await using fleet = await startFleet(LEASE, store);
    await using first = await startDevice();
    await using second = await startDevice();
    const killed = await fleet.node("n1");
    first.hold("show clock");
    const { batch_id: id } = await bulk(fleet, bulkOf([first, second], { canary: 1 }));
    await first.received("show clock");
    await fleet.node("n2");
    killed.kill("SIGKILL");
    const ended = await batchWhen(fleet, id, ({ phase }) => phase === "stopped");
    expect(ended.counts).toMatchObject({ failed: 1, cancelled: 1 });
    expect(ended.reason).toContain("canary");
    expect(second.count("show clock")).toBe(0);
    first.release();
  });
});
