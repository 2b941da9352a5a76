import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { type Netpulse, startNetpulse } from "../support/netpulse.ts";
import { type Receiver, startReceiver } from "../webhook/receiver.ts";
import { Api } from "./support/api.ts";
import { type Device, startDevice } from "./support/device.ts";
import { on } from "./support/held-job.ts";
import { filesOf, type Place, Secrets, text } from "./support/leaks.ts";

setDefaultTimeout(60_000);

const secrets = new Secrets();
const community = secrets.make("an SNMP community that the device prints");

let device: Device;
let receiver: Receiver;
let netpulse: Netpulse;
let api: Api;
beforeAll(async () => {
  [device, receiver] = await Promise.all([startDevice(), startReceiver()]);
  const env = { NETPULSE_WEBHOOK__NETWORKS: "127.0.0.1", NETPULSE_LOG__LEVEL: "debug" };
  netpulse = await startNetpulse({ env });
  api = new Api(netpulse);
});
afterAll(async () => {
  await netpulse?.stop();
  await Promise.all([device?.stop(), receiver?.[Symbol.asyncDispose]()]);
});

const PARSING = { name: "regex", template: "community (?P<community>\\S+) (?P<rights>\\S+)" };

/** Everything that tells of a job which shows the device's configuration, and what was parsed of it. */
async function toldOf(more: object): Promise<{ parsed: unknown; places: Place[] }> {
  const webhook = { url: `http://127.0.0.1:${receiver.port}/told` };
  const before = receiver.received.length;
  const { connection_args, ...shared } = on(device, { command: "show running-config", parsing: PARSING });
  const { data } = await api.call("POST", "/device/bulk", {
    json: { ...shared, ...more, webhook, devices: [connection_args] },
  });
  const { batch_id: batch, succeeded } = data as { batch_id: string; succeeded: { id: string }[] };
  const id = succeeded[0]?.id ?? "";
  const events = await fetch(`${netpulse.url}/job/${id}/events`, { headers: { "X-API-KEY": netpulse.key } });
  const live = await events.text();
  const job = await api.ended(id);
  const received = await receiver.count(before + 1);
  const answers = await Promise.all(
    [`/job?id=${id}`, `/job?batch_id=${batch}`, `/job/${id}/output`, `/batch/${batch}`].map(async (path) =>
      text(`GET ${path.replaceAll(/\w+_\w{16,}/g, "…")}`, (await api.get(path)).text),
    ),
  );
  const places = [
    ...answers,
    text("its events", live),
    text("its webhook", received.at(-1)?.body ?? ""),
    text("the log", netpulse.output()),
    ...filesOf(netpulse.dataDir).map((place) => ({ ...place, name: "the data folder" })),
  ];
  return { parsed: job.result?.outputs?.[0]?.parsed, places };
}

describe("a secret that a device prints", () => {
  test("is nowhere when it is hidden, in what was parsed neither; else it is wherever the output is", async () => {
    const config = [`snmp-server community ${community} RO`];
    const configured = await api.run(on(device, { command: undefined, config }));
    expect(configured.status).toBe("finished");

    const hidden = await toldOf({ mask_output: true });
    expect(hidden.parsed).toEqual([{ community: "******", rights: "RO" }]);
    expect(secrets.leaks(hidden.places)).toEqual([]);

    const shown = await toldOf({});
    expect(shown.parsed).toEqual([{ community, rights: "RO" }]);
    const found = new Set(secrets.leaks(shown.places).map((leak) => leak.replace(/^.* in /, "")));
    expect([...found].toSorted()).toEqual([
      "GET /batch/…",
      "GET /job/…/output",
      "GET /job?batch_id=…",
      "GET /job?id=…",
      "its events",
      "its webhook",
      "the data folder",
    ]);
  });
});
