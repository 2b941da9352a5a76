import { describe, expect, test } from "bun:test";
import { parseNetworks } from "../../src/core/networks.ts";
import { jobDeliveries } from "../../src/engine/deliveries.ts";
import { sealer } from "../../src/engine/seal.ts";
import {
  checkWebhook,
  newWebhook,
  openWebhook,
  type WebhookRequest,
  type WebhookTerms,
} from "../../src/engine/webhooks.ts";
import type { DeliveryStore } from "../../src/storage/deliveries.ts";
import { NO_DELIVERIES, WEBHOOKS } from "../support/no-webhooks.ts";

const GOOD: WebhookRequest = { url: "https://hooks.example.com/in" };
const SEALER = sealer(new Uint8Array(32).fill(1));
const ID = "01hk2ea8g0pq2a8az82r5z5w00";

function wrong(change: Partial<WebhookRequest>, terms: Partial<WebhookTerms> = {}): [string, string][] {
  const found = checkWebhook({ ...WEBHOOKS, ...terms }, { ...GOOD, ...change });
  return found.map(({ loc, msg }) => [loc.join("."), msg]);
}

describe("a webhook", () => {
  test("may have headers, cookies and an authorization", () => {
    const headers = { "X-Mine": "a b\tc", Authorization: "Bearer x.y" };
    expect(wrong({ headers, cookies: { session: "a%20b" } })).toEqual([]);
    expect(wrong({ auth: ["bob", "p:a ß"] })).toEqual([]);
  });

  test.each([
    ["ftp://a.test", "is no URL of http"],
    ["a.test/x", "is no URL of http"],
    ["http://", "is no URL of http"],
    ["http://bob:secret@a.test", "give them as auth"],
    ["http://bob@a.test", "give them as auth"],
    ["http://10.0.0.1/", "is of an address that is not public"],
    ["http://[::1]/", "is of an address that is not public"],
    ["http://127.1/", "is of an address that is not public"],
  ])("does not go to %s", (url, msg) => {
    expect(wrong({ url })).toEqual([["webhook.url", expect.stringContaining(msg)]]);
  });

  test("goes only where it may", () => {
    const hosts = ["*.corp.test", "10.1.2.3"];
    const networks = parseNetworks("10.1.0.0/16") ?? [];
    expect(wrong({ url: "http://a.corp.test" }, { hosts })).toEqual([]);
    expect(wrong({ url: "http://10.1.2.3:99/" }, { hosts, networks })).toEqual([]);
    expect(wrong({ url: "http://a.test" }, { hosts })).toEqual([
      ["webhook.url", "is of a host that webhooks may not go to; see webhook.hosts"],
    ]);
  });

  test.each([
    [{ headers: { "a b": "x" } }, "webhook.headers"],
    [{ headers: { "": "x" } }, "webhook.headers"],
    [{ headers: { "X-A": "b\r\nX-B: c" } }, "webhook.headers.X-A"],
    [{ headers: { "X-A": "" } }, "webhook.headers.X-A"],
    [{ headers: { "X-A": "ü" } }, "webhook.headers.X-A"],
    [{ headers: { "Content-Length": "1" } }, "webhook.headers.Content-Length"],
    [{ headers: { host: "a" } }, "webhook.headers.host"],
    [{ headers: { "x-netpulse-signature": "v1=0" } }, "webhook.headers.x-netpulse-signature"],
    [{ headers: { "Transfer-Encoding": "chunked" } }, "webhook.headers.Transfer-Encoding"],
    [{ headers: { Cookie: "a=b" } }, "webhook.headers.Cookie"],
    [{ headers: { authorization: "x" }, auth: ["a", "b"] }, "webhook.headers.authorization"],
    [{ cookies: { a: "b; c=d" } }, "webhook.cookies.a"],
    [{ cookies: { "a=b": "c" } }, "webhook.cookies"],
    [{ auth: ["a:b", "c"] }, "webhook.auth"],
  ])("with %j is refused, without its value", (change, field) => {
    const [[loc, msg] = ["", ""], ...more] = wrong(change);
    expect([loc, more]).toEqual([field, []]);
    expect(msg).not.toContain("X-B");
  });

  test("is judged as far as it is there", () => {
    expect(checkWebhook(WEBHOOKS, {})).toEqual([]);
    expect(checkWebhook(WEBHOOKS, { auth: ["a:b", "c"] })).toHaveLength(1);
  });

  test("is sealed whole, and opens for its own job alone", () => {
    const deps = { sealer: SEALER, webhooks: WEBHOOKS };
    const secrets = {
      headers: { "X-Key": "topsecret1" },
      cookies: { a: "topsecret2" },
      secret: "topsecret3",
    };
    const request = { ...GOOD, url: "https://hooks.example.com:8443/topsecret4?x#y", ...secrets };
    const made = newWebhook(deps, "job_1", { ...request, auth: ["bob", "topsecret5"], timeout: 1.5 });
    expect([made.target, made.timeoutMs]).toEqual(["https://hooks.example.com:8443", 1500]);
    expect(JSON.stringify(made) + Buffer.from(made.sealed).toString("latin1")).not.toContain("topsecret");
    expect(openWebhook(SEALER, "job_1", made.sealed)).toEqual({
      url: "https://hooks.example.com:8443/topsecret4?x#y",
      method: "POST",
      headers: [
        ["X-Key", "topsecret1"],
        ["Cookie", "a=topsecret2"],
        ["Authorization", `Basic ${btoa("bob:topsecret5")}`],
      ],
      timeoutMs: 1500,
      maxRetries: 1,
      retryIntervalsMs: [1000],
      secret: "topsecret3",
    });
    expect(() => openWebhook(SEALER, "job_2", made.sealed)).toThrow();
    expect(() => SEALER.open("job_1", made.sealed)).toThrow();
  });
});

describe("a replay", () => {
  type Replayed = Awaited<ReturnType<DeliveryStore["replayDelivery"]>>;
  const id = `delivery_${ID}`;
  const answering = (outcome: Replayed) => {
    const asked: Parameters<DeliveryStore["replayDelivery"]>[0][] = [];
    const deliveries: DeliveryStore = {
      ...NO_DELIVERIES,
      replayDelivery: async (params) => {
        asked.push(params);
        return outcome;
      },
      getDelivery: async ({ jobId }) => ({
        ...{ jobId, status: "failed", target: "t", state: "pending", tries: 0 },
        ...{ createdAt: 0, dueAt: 0, settledAt: null, attempts: [] },
      }),
    };
    return { asked, replay: jobDeliveries({ deliveries, sealer: SEALER, webhooks: WEBHOOKS }).replay };
  };

  test("goes where it went before, or where it is sent to", async () => {
    const { asked, replay } = answering("replayed");
    expect(await replay(id, null)).toMatchObject({ jobId: `job_${ID}`, state: "pending" });
    await replay(id, GOOD);
    expect(asked.map(({ jobId, webhook }) => [jobId, webhook?.target])).toEqual([
      [`job_${ID}`, undefined],
      [`job_${ID}`, "https://hooks.example.com"],
    ]);
    expect(openWebhook(SEALER, `job_${ID}`, asked[1]?.webhook?.sealed ?? new Uint8Array()).url).toBe(
      GOOD.url,
    );
  });

  test.each([
    ["unknown", "not_found", "no such delivery"],
    ["pending", "conflict", "still on its way"],
    ["erased", "conflict", "give the webhook once more"],
  ] as const)("of one that is %s is refused as %s", async (outcome, kind, said) => {
    const { replay } = answering(outcome);
    await expect(replay(id, null)).rejects.toMatchObject({ kind, message: expect.stringContaining(said) });
  });

  test("to a receiver that may not be called, or of what is no delivery, asks the store nothing", async () => {
    const { asked, replay } = answering("replayed");
    await expect(replay(id, { url: "http://127.0.0.1" })).rejects.toMatchObject({ kind: "invalid" });
    await expect(replay("delivery_../x", null)).rejects.toMatchObject({ kind: "not_found" });
    expect(asked).toEqual([]);
  });
});
