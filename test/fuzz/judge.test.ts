import { describe, expect, test } from "bun:test";
import { TestApi } from "../api/client.ts";
import { Contract } from "../support/openapi.ts";
import { Judge } from "./judge.ts";
import type { Wire } from "./requests.ts";
import { SECRET, STRAY } from "./values.ts";
import type { Reply } from "./wire.ts";

const made = await new TestApi().api.handle(new Request("http://np/swagger/json"));
const contract = new Contract(await made.json());

const KEY = "np_the-key-of-this-test";
const HEADERS = {
  "content-type": "application/json",
  "cache-control": "no-store",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
};

const asked = (given: Partial<Wire> = {}): Wire => ({
  method: "GET",
  target: "/health",
  headers: [],
  body: null,
  manner: "plain",
  ...given,
});

function reply(body: unknown, status = 200, headers: Record<string, string> = {}): Reply {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return { status, headers: new Headers({ ...HEADERS, ...headers }), body: text };
}

const judge = (wire: Wire, answer: Reply | null) => new Judge(contract, KEY).judge(wire, answer);
const failure = (message: string, data: unknown = null) => ({ code: -1, message, data });
const well = { code: 200, message: "success", data: "ok" };

describe("the judge lets pass", () => {
  test.each([
    ["a success", asked(), reply(well)],
    [
      "a refusal",
      asked({ target: "/health?x=1" }),
      reply(failure("no", [{ loc: ["query", "x"], msg: "unknown" }]), 422),
    ],
    ["news of workers that were stopped", asked(), reply(failure("none is alive", ["none is alive"]), 503)],
    ["a path that there is not", asked({ target: "/none" }), reply(failure("no such path"), 404)],
    ["a method that there is not", asked({ method: "PUT" }), reply(failure("no"), 405, { allow: "GET" })],
    ["a request that breaks off", asked({ manner: "truncated" }), null],
    ["no answer to what is no HTTP", asked({ manner: "broken" }), null],
    [
      "the name of a strange field",
      asked(),
      reply(failure("no", [{ loc: ["query", STRAY], msg: "unknown" }]), 422),
    ],
  ])("%s", (_what, wire, answer) => {
    expect(judge(wire, answer)).toEqual([]);
  });
});

describe("the judge finds", () => {
  const { "x-frame-options": _, ...unframed } = HEADERS;

  test.each<[string, Wire, Reply | null, RegExp]>([
    ["a fault", asked(), reply(failure("internal error"), 500), /a fault: 500/],
    ["an outage", asked({ target: "/job" }), reply(failure("no store"), 503), /a fault: 503/],
    ["no answer", asked(), null, /nobody answered/],
    ["another envelope", asked(), reply({ ok: true }), /required/],
    ["a code that does not fit", asked(), reply({ ...well, code: -1 }), /code/],
    ["a field that is not documented", asked(), reply({ ...well, extra: 1 }), /extra/],
    ["another type", asked(), reply({ ...well, data: 7 }), /data/],
    ["a status that is not documented", asked(), reply(failure("gone"), 410), /no 410/],
    [
      "a text that is not documented",
      asked(),
      reply("ok", 200, { "content-type": "text/html" }),
      /text\/html/,
    ],
    ["a success where there is nothing", asked({ target: "/none" }), reply(well), /no operation/],
    ["a 404 where there is something", asked({ method: "PUT" }), reply(failure("no"), 404), /there is/],
    ["a 405 without the way out", asked({ method: "PUT" }), reply(failure("no"), 405), /Allow/],
    ["a secret", asked(), reply({ ...well, data: SECRET }), /secret/],
    ["a secret in a header", asked(), reply(well, 200, { link: SECRET }), /secret/],
    ["the key", asked(), reply(failure(`wrong key ${KEY}`), 401), /key is repeated/],
    ["what was sent", asked(), reply(failure(`no host ${STRAY}`), 404), /repeats/],
    ["a missing header", asked(), { ...reply(well), headers: new Headers(unframed) }, /x-frame-options/],
    ["a failure without its envelope", asked({ target: "/none" }), reply({ error: "no" }, 404), /required/],
  ])("%s", (_what, wire, answer, says) => {
    expect(judge(wire, answer).join("\n")).toMatch(says);
  });

  test("JSON that is none, by failing", () => {
    expect(() => judge(asked(), reply("oops"))).toThrow();
  });
});

test("the judge counts how far requests came", () => {
  const counting = new Judge(contract, KEY);
  counting.judge(asked(), reply(well));
  counting.judge(
    asked({ target: "/health?x=1" }),
    reply(failure("no", [{ loc: ["query", "x"], msg: "unknown" }]), 422),
  );
  counting.judge(asked(), reply(failure("no key"), 401));
  counting.judge(asked({ manner: "broken" }), null);
  expect(counting).toMatchObject({ requests: 4, reached: { handler: 2, valid: 1 }, parser: 1 });
});
