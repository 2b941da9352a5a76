import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { startDevice } from "../e2e/support/device.ts";
import { startHeldJob } from "../e2e/support/held-job.ts";
import { type Fleet, STORES, startFleet } from "./fleet.ts";

setDefaultTimeout(60_000);

interface Event {
  event: string;
  id: string;
  // biome-ignore lint/suspicious/noExplicitAny: JSON of any shape
  data: any;
}

/** The events of a job as an API serves them; ends with the stream. */
async function* eventsOf({ url, key }: Fleet, id: string, last?: string): AsyncGenerator<Event, void> {
  const headers = { "X-API-KEY": key, ...(last !== undefined && { "Last-Event-ID": last }) };
  const response = await fetch(`${url}/job/${id}/events`, { headers });
  expect(response.headers.get("content-type")).toBe("text/event-stream");
  let text = "";
  const decoder = new TextDecoder();
  for await (const bytes of response.body ?? []) {
    text += decoder.decode(bytes, { stream: true });
    for (let end = text.indexOf("\n\n"); end >= 0; end = text.indexOf("\n\n")) {
      const lines = text
        .slice(0, end)
        .split("\n")
        .map((line) => line.split(/: (.*)/s));
      text = text.slice(end + 2);
      const { event, id: place, data } = Object.fromEntries(lines);
      if (event) yield { event, id: place, data: JSON.parse(data) };
    }
  }
}

/** The next event of that kind. */
async function nextOf(events: AsyncGenerator<Event, void>, kind: string): Promise<Event> {
  for (let step = await events.next(); !step.done; step = await events.next()) {
    if (step.value.event === kind) return step.value;
  }
  throw new Error(`the stream ended without ${kind}`);
}

describe.each(STORES)("events of a job on %s, from an API that is not its node", (store) => {
  test("come while the device prints, go on where a client was, and end with the job", async () => {
    await using fleet = await startFleet({}, store);
    await using device = await startDevice();
    await fleet.node("n1");
    const { id } = await startHeldJob(fleet.api, device);
    const events = eventsOf(fleet, id);
    expect((await nextOf(events, "state")).data).toMatchObject({ id, status: "started" });
    expect((await nextOf(events, "command")).data).toMatchObject({ index: 0, command: "show clock" });
    const output = await nextOf(events, "output");
    expect(output.data).toMatchObject({ index: 0, stream: "stdout" });
    await nextOf(events, "command_end");
    expect((await nextOf(events, "command")).data.command).toBe("show users");
    // The job goes on: it is held at the second command, whose output has not come.
    await events.return();

    const again = eventsOf(fleet, id, output.id);
    await nextOf(again, "state");
    const behind = await again.next();
    expect(behind.value).toMatchObject({ event: "command_end", data: { index: 0, ok: true } });
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
    for await (const { event, data } of eventsOf(fleet, id)) if (event === "output") texts.push(data.text);
    expect(texts.join("")).toBe(job.result?.outputs.map(({ stdout }) => stdout).join("") ?? "");
  });
});
