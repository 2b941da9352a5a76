import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { type Chromium, startChromium } from "../support/chromium.ts";
import { type Netpulse, startNetpulse } from "../support/netpulse.ts";
import { SwaggerPage } from "../support/swagger-page.ts";
import { type Device, startDevice } from "./support/device.ts";
import { on } from "./support/held-job.ts";

setDefaultTimeout(90_000);

let chromium: Chromium;
let netpulse: Netpulse;
let device: Device;
beforeAll(async () => {
  device = await startDevice();
  [netpulse, chromium] = await Promise.all([startNetpulse(), startChromium()]);
});
afterAll(async () => {
  await chromium?.[Symbol.asyncDispose]();
  await netpulse?.stop();
  await device?.stop();
});

test("a person opens the page, gives the key, and runs a job to its end", async () => {
  const { page, requested, complaints } = await chromium.open();
  const swagger = await SwaggerPage.open(page, netpulse.url);
  expect(await page.title()).toBe("NetPulse API");
  expect(await swagger.operations()).toEqual(
    expect.arrayContaining(["POST /device/exec", "GET /job", "DELETE /worker", "GET /health"]),
  );

  const refused = await swagger.run({ tag: "Health", id: "getHealth" });
  expect(refused.status).toBe("401");
  complaints.splice(0); // the browser reports the 401

  await swagger.authorize(netpulse.key);
  const health = await swagger.run({ tag: "Health", id: "getHealth" });
  expect(health.status).toBe("200");
  expect(JSON.parse(health.body)).toEqual({ code: 200, message: "success", data: "ok" });

  const body = on(device, { command: "show clock" });
  const submitted = await swagger.run({ tag: "Devices", id: "execDevice" }, { body });
  expect(submitted.status).toBe("201");
  const { id } = JSON.parse(submitted.body).data;
  const ended = await swagger.run({ tag: "Jobs", id: "getJobs" }, { parameters: { id, wait: "30" } });
  expect(ended.status).toBe("200");
  const [job] = JSON.parse(ended.body).data;
  expect(job).toMatchObject({ id, status: "finished", result: { type: "success" } });

  expect(complaints).toEqual([]);
  const elsewhere = requested.filter(
    (url) => !url.startsWith(`${netpulse.url}/`) && !url.startsWith("data:"),
  );
  expect(elsewhere).toEqual([]);
  expect(requested.filter((url) => url.includes(netpulse.key))).toEqual([]);
});

test("fields of listings are empty, whatever their examples, so that a click lists all there is", async () => {
  const { page, requested } = await chromium.open();
  const swagger = await SwaggerPage.open(page, netpulse.url);
  await swagger.authorize(netpulse.key);
  const { status } = await swagger.run({ tag: "Jobs", id: "getJobs" });
  expect(status).toBe("200");
  const [asked = ""] = requested.filter((url) => url.startsWith(`${netpulse.url}/job?`));
  expect(
    [...new URL(asked).searchParams.keys()].filter(
      (name) => !["limit", "result", "outputs", "order"].includes(name),
    ),
  ).toEqual([]);
});
