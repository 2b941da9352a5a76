import { describe, expect, test } from "bun:test";
import { Value } from "@sinclair/typebox/value";
import { HostKeySchema } from "../../src/api/modules/hostkeys/schema.ts";
import { TestApi, wrongFields } from "./client.ts";
import { NOON } from "./memory-engine.ts";

const KEY = { algorithm: "ssh-ed25519", fingerprint: "SHA256:abc", firstSeen: NOON };

function withKeys(): TestApi {
  const api = new TestApi();
  api.hostKeys.keys.push(
    { ...KEY, site: null, host: "192.0.2.1", port: 22 },
    { ...KEY, site: null, host: "2001:db8::1", port: 22 },
    { ...KEY, site: "bonn", host: "192.0.2.1", port: 2222 },
  );
  return api;
}

const placesOf = (keys: { site: string | null; host: string; port: number }[]) =>
  keys.map(({ site, host, port }) => `${site ?? ""}/${host} ${port}`);

describe("GET /hostkeys", () => {
  test("shows each known key and since when", async () => {
    const { data, envelope } = await withKeys().get("/hostkeys");
    expect(data[0]).toEqual({
      site: null,
      host: "192.0.2.1",
      port: 22,
      algorithm: "ssh-ed25519",
      fingerprint: "SHA256:abc",
      first_seen: "2024-01-01T12:00:00.000+08:00",
    });
    expect(data).toHaveLength(3);
    expect(Value.Check(HostKeySchema, data[0])).toBe(true);
    expect(envelope.pagination).toEqual({ next_cursor: null, limit: 1000 });
  });

  test.each([
    ["host=192.0.2.1", ["/192.0.2.1 22", "bonn/192.0.2.1 2222"]],
    ["host=[2001:DB8:0::1]", ["/2001:db8::1 22"]],
    ["port=2222", ["bonn/192.0.2.1 2222"]],
    ["site=bonn&host=192.0.2.1", ["bonn/192.0.2.1 2222"]],
    ["site=paris", []],
  ])("%s narrows", async (query, expected) => {
    expect(placesOf((await withKeys().get(`/hostkeys?${query}`)).data)).toEqual(expected);
  });

  test("comes in pages", async () => {
    const api = withKeys();
    const first = await api.get("/hostkeys?limit=1&port=22");
    expect(placesOf(first.data)).toEqual(["/192.0.2.1 22"]);
    const next = first.envelope.pagination.next_cursor;
    expect(first.headers.get("link")).toBe(`</hostkeys?limit=1&port=22&cursor=${next}>; rel="next"`);
    const second = await api.get(`/hostkeys?limit=1&port=22&cursor=${next}`);
    expect(placesOf(second.data)).toEqual(["/2001:db8::1 22"]);
    expect(second.envelope.pagination.next_cursor).toBeNull();
    expect((await api.get(`/hostkeys?cursor=${next}`)).status).toBe(422);
  });

  test("refuses what it does not know", async () => {
    const answer = await withKeys().get("/hostkeys?hots=192.0.2.1&port=0");
    expect(answer.status).toBe(422);
    expect(Object.keys(wrongFields(answer)).sort()).toEqual(["query.hots", "query.port"]);
  });
});

describe("DELETE /hostkeys", () => {
  test("forgets the key of one device; its port is 22 when none is given", async () => {
    const api = withKeys();
    const { status, data } = await api.call("DELETE", "/hostkeys?host=192.0.2.1");
    expect([status, data]).toEqual([200, { site: null, host: "192.0.2.1", port: 22 }]);
    expect(placesOf(api.hostKeys.keys)).toEqual(["/2001:db8::1 22", "bonn/192.0.2.1 2222"]);
    expect((await api.call("DELETE", "/hostkeys?host=192.0.2.1&site=bonn&port=2222")).status).toBe(200);
    expect(placesOf(api.hostKeys.keys)).toEqual(["/2001:db8::1 22"]);
  });

  test.each([
    ["host=192.0.2.9", 404],
    ["host=192.0.2.1&port=23", 404],
    ["host=192.0.2.1&site=paris", 404],
    ["", 422],
    ["port=22", 422],
    ["host=not%20a%20host", 422],
    ["host=192.0.2.1&all=true", 422],
  ])("%p forgets nothing", async (query, expected) => {
    const api = withKeys();
    expect((await api.call("DELETE", `/hostkeys?${query}`)).status).toBe(expected);
    expect(api.hostKeys.keys).toHaveLength(3);
  });

  test("needs the API key", async () => {
    const api = withKeys();
    expect((await api.call("DELETE", "/hostkeys?host=192.0.2.1", { key: null })).status).toBe(401);
    expect(api.hostKeys.keys).toHaveLength(3);
  });
});
