import { describe, expect, test } from "bun:test";
import { clientsBehind } from "../../src/api/clients.ts";
import { startApi } from "../../src/api/server.ts";
import { KEY, SETTINGS, TestApi } from "./client.ts";

const PROXY = "10.0.0.2";

function clientOf(
  peer: string | null,
  headers: Record<string, string>,
  trusted: string | null = "10.0.0.0/24",
) {
  const request = new Request("http://np/job", { headers: { host: "np:9000", ...headers } });
  return clientsBehind(trusted, () => peer).of(request);
}

describe("the client of a request", () => {
  test("is who connects", () => {
    expect(clientOf("192.0.2.7", {})).toEqual({ address: "192.0.2.7", host: "np:9000" });
    expect(clientOf(null, {})).toEqual({ address: null, host: "np:9000" });
  });

  test("is who the proxy says, where the proxy is trusted", () => {
    const headers = { "x-forwarded-for": "192.0.2.7", "x-forwarded-host": "np.example.net" };
    expect(clientOf(PROXY, headers)).toEqual({ address: "192.0.2.7", host: "np.example.net" });
  });

  test.each([
    ["a stranger", "192.0.2.9", "10.0.0.0/24"],
    ["anybody, when none is trusted", PROXY, null],
  ])("is not what %s says", (_who, peer, trusted) => {
    const headers = { "x-forwarded-for": "192.0.2.7", "x-forwarded-host": "np.example.net" };
    expect(clientOf(peer, headers, trusted)).toEqual({ address: peer, host: "np:9000" });
  });

  test("is the last stranger of several: what stands before, the stranger may have written", () => {
    const way = (value: string) => clientOf(PROXY, { "x-forwarded-for": value }).address;
    expect(way("127.0.0.1, 198.51.100.1, 192.0.2.7, 10.0.0.9")).toBe("192.0.2.7");
    expect(way("10.0.0.8, 10.0.0.9")).toBe("10.0.0.8");
  });

  test("is the same for a request that was made of another", () => {
    const clients = clientsBehind(null, (request) => (request === first ? "192.0.2.7" : null));
    const first = new Request("http://np/job");
    const derived = new Request("http://np/job");
    expect(clients.of(derived).address).toBeNull();
    clients.same(derived, first);
    expect(clients.of(derived).address).toBe("192.0.2.7");
  });
});

describe("over a real port", () => {
  async function asked(trustProxy: string | null, method = "GET") {
    const made = new TestApi({ server: { ...SETTINGS.server, trustProxy } });
    const api = await startApi(made.deps);
    const headers = {
      cookie: `X-API-KEY=${KEY}`,
      origin: "https://np.example.net",
      "x-forwarded-host": "np.example.net",
      "x-forwarded-for": "192.0.2.7",
    };
    const { status } = await fetch(`${api.url}/job`, { method, headers });
    await api.stop();
    const [, client] = /"client":"([^"]+)"/.exec(made.log) ?? [];
    return { status, client };
  }

  test.each(["GET", "HEAD"])(
    "a proxy that is trusted says who asks, and under which name: %s",
    async (method) => {
      expect(await asked("127.0.0.0/8", method)).toEqual({ status: 200, client: "192.0.2.7" });
    },
  );

  test.each([null, "10.0.0.0/8"])(
    "with %p trusted it says nothing, and its page is another site's",
    async (trusted) => {
      expect(await asked(trusted)).toEqual({ status: 403, client: "127.0.0.1" });
    },
  );
});
