import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { type RunningApi, startApi } from "../../src/api/server.ts";
import { StartupError } from "../../src/core/errors.ts";
import { must, program, run } from "../support/process.ts";
import { type Certificates, makeCertificates } from "../support/redis-tls.ts";
import { type TempDir, tempDir } from "../support/tempdir.ts";
import { KEY, SETTINGS, TestApi } from "./client.ts";
import { RawClient } from "./raw-client.ts";

let folder: TempDir;
let made: Certificates;
const running: RunningApi[] = [];
beforeAll(async () => {
  folder = tempDir("tls");
  made = await makeCertificates(folder);
});
afterAll(async () => {
  await Promise.all(running.map((api) => api.stop()));
  folder?.remove();
});

async function start(tls: { cert: string; key: string }): Promise<RunningApi> {
  const { deps } = new TestApi({ server: { ...SETTINGS.server, tls } });
  const api = await startApi(deps);
  running.push(api);
  return api;
}

async function caOf(path: string): Promise<{ ca: string }> {
  return { ca: await Bun.file(path).text() };
}

describe("with a certificate", () => {
  test("the API speaks HTTPS, to who trusts it", async () => {
    const api = await start(made);
    expect(api.url).toStartWith("https://127.0.0.1:");
    const headers = { "X-API-KEY": KEY };
    const answer = await fetch(`${api.url}/health`, { headers, tls: await caOf(made.ca) });
    expect(await answer.json()).toEqual({ code: 200, message: "success", data: "ok" });
    await expect(fetch(`${api.url}/health`, { headers, tls: await caOf(made.otherCa) })).rejects.toThrow();
  });

  test("it gives plain HTTP no answer", async () => {
    const api = await start(made);
    const client = new RawClient(api.url);
    client.send("GET /livez HTTP/1.1\r\nHost: np\r\n\r\n");
    expect(await client.closed).not.toContain("200");
  });

  test.each([
    ["tls1", false],
    ["tls1_1", false],
    ["tls1_2", true],
    ["tls1_3", true],
  ])("%s is spoken: %p", async (version, spoken) => {
    const { port } = new URL((await start(made)).url);
    const ask = [
      "s_client",
      "-connect",
      `127.0.0.1:${port}`,
      `-${version}`,
      "-CAfile",
      made.ca,
      "-verify_return_error",
    ];
    const { code } = await run([program("openssl", "openssl"), ...ask, "-cipher", "DEFAULT@SECLEVEL=0"], {
      stdin: "",
    });
    expect(code === 0).toBe(spoken);
  });

  test("a client that never begins the handshake is cut off", async () => {
    const { deps } = new TestApi({ server: { ...SETTINGS.server, tls: made, headerTimeout: 4 } });
    const api = await startApi(deps);
    running.push(api);
    expect(await new RawClient(api.url).closed).toBe("");
  });
});

describe("the start is refused in one line", () => {
  async function refusal(tls: { cert: string; key: string }): Promise<string> {
    try {
      await start(tls);
    } catch (error) {
      expect(error).toBeInstanceOf(StartupError);
      return (error as StartupError).message;
    }
    throw new Error("it started");
  }

  test("when a file is not there", async () => {
    expect(await refusal({ ...made, cert: "/nowhere/a.pem" })).toBe(
      "server.tls.cert: /nowhere/a.pem cannot be read (ENOENT)",
    );
    expect(await refusal({ ...made, key: "/nowhere/a.key" })).toStartWith("server.tls.key: ");
  });

  test("when a file is something else", async () => {
    expect(await refusal({ cert: made.key, key: made.key })).toContain("holds no certificate in PEM format");
    expect(await refusal({ cert: made.cert, key: made.cert })).toContain(
      "holds no private key in PEM format",
    );
  });

  test("when the key asks for a passphrase", async () => {
    const locked = folder.file("locked.key");
    await must([
      program("openssl", "openssl"),
      "pkcs8",
      "-topk8",
      "-in",
      made.key,
      "-out",
      locked,
      "-passout",
      "pass:x",
    ]);
    expect(await refusal({ cert: made.cert, key: locked })).toContain("without one");
  });

  test("when key and certificate are no pair, or broken", async () => {
    expect(await refusal({ cert: made.cert, key: made.clientKey })).toMatch(
      /KEY_VALUES_MISMATCH.*server\.tls\.key$/,
    );
    const broken = folder.file("broken.pem");
    writeFileSync(broken, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
    expect(await refusal({ cert: broken, key: made.key })).toContain("check server.tls.cert");
  });
});
