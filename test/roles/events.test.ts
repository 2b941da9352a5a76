import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { type JobEvent, Netpulse } from "../../src/client/index.ts";
import { startDevice } from "../e2e/support/device.ts";
import { startHeldJob } from "../e2e/support/held-job.ts";
import { type Fleet, STORES, startFleet } from "./fleet.ts";

setDefaultTimeout(60_000);

function clientOf({ url, key }: Fleet): Netpulse {
  return new Netpulse({ url, apiKey: key });
}

/** The next event of that kind. */
async function nextOf<T extends JobEvent["type"]>(events: AsyncGenerator<JobEvent, void>, type: T) {
  for (let step = await events.next(); !step.done; step = await events.next()) {
    if (step.value.type === type) return step.value as JobEvent & { type: T };
  }
  throw new Error(`the stream ended without ${type}`);
}

describe.each(STORES)("events of a job on %s, from an API that is not its node", (store) => {
  test("come while the device prints, go on where a client was, and end with the job", async () => {
    await using fleet = await startFleet({}, store);
    await using device = await startDevice();
    await fleet.node("n1");
    const { id } = await startHeldJob(fleet.api, device);
    const client = clientOf(fleet);
    const events = client.jobs.events(id);
    expect((await nextOf(events, "state")).data).toMatchObject({ id, status: "started" });
    expect((await nextOf(events, "command")).data).toMatchObject({ index: 0, command: "show clock" });
    const output = await nextOf(events, "output");
    expect(output.data).toMatchObject({ index: 0, stream: "stdout" });
    await nextOf(events, "command_end");
    expect((await nextOf(events, "command")).data.command).toBe("show users");
    // The job goes on: it is held at the second command, whose output has not come.
    await events.return();

    const again = client.jobs.events(id, { lastEventId: output.id });
    await nextOf(again, "state");
    const behind = await again.next();
    expect(behind.value).toMatchObject({ type: "command_end", data: { index: 0, ok: true } });
    device.release();
    expect((await nextOf(again, "output")).data.index).toBe(1);
    const end = await nextOf(again, "end");
    expect(end.data).toMatchObject({ id, status: "finished", result: { type: "success", error: null } });
    expect((await again.next()).done).toBe(true);

    const over = await fetch(`${fleet.url}/job/${id}/events`, {
      headers: { "X-API-KEY": fleet.key, "Last-Event-ID": end.id },
    });
    expect(over.status).toBe(204);
    const job = await fleet.api.job(id);
    const texts: string[] = [];
    for await (const event of client.jobs.events(id))
      if (event.type === "output") texts.push(event.data.text);
    expect(texts.join("")).toBe(job.result?.outputs.map(({ stdout }) => stdout).join("") ?? "");
  });
});
