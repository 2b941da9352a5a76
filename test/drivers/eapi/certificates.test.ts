import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdirSync, symlinkSync } from "node:fs";
import { basename, join } from "node:path";
import type { EapiConnectionArgs } from "../../../drivers/eapi/args.ts";
import { eapiDriver } from "../../../drivers/eapi/index.ts";
import { type Certificates, makeCertificates } from "../../support/certificates.ts";
import { EapiServer } from "../../support/eapi-server.ts";
import { context } from "../support.ts";

let made: Certificates;
beforeAll(async () => {
  made = await makeCertificates();
}, 60_000);
afterAll(() => made[Symbol.dispose]());

type Kind = "server" | "other" | "expired" | "selfSigned";

/** Connects to a server with that certificate; answers with the error, or null. */
async function attempt(
  kind: Kind,
  args: Partial<EapiConnectionArgs>,
  options: { dir?: string | null; clients?: boolean } = {},
) {
  const { dir = made.folder, clients = false } = options;
  await using server = await EapiServer.start({
    tls: { ...made[kind], ...(clients ? { ca: made.ca } : {}) },
  });
  const login = { host: "127.0.0.1", port: server.port, username: "admin", password: "admin" };
  try {
    const session = await eapiDriver.connect(context({ ...login, ...args }, { tls: { dir } }));
    await session.close();
    return { error: null, requests: server.received.length };
  } catch (error) {
    return { error, requests: server.received.length };
  }
}

const CA = { ca_file: "ca.pem" };

test("a certificate of an authority that is named is taken", async () => {
  expect(await attempt("server", CA)).toEqual({ error: null, requests: 1 });
});

test.each<[string, Kind, Partial<EapiConnectionArgs>, string]>([
  ["of nobody", "selfSigned", {}, "is signed by itself"],
  ["of an authority that nobody named", "server", {}, "comes from an authority that is not known"],
  ["of another authority", "selfSigned", CA, "is signed by itself"],
  ["for another host", "other", CA, "is not for this host"],
  ["past its time", "expired", CA, "has expired"],
])("a certificate %s is not: nothing is sent, and what to do is said", async (_what, kind, args, words) => {
  const { error, requests } = await attempt(kind, args);
  expect(error).toMatchObject({ type: "HostKeyError", retryable: false });
  expect(String(error)).toContain(words);
  expect(String(error)).toContain(await made.fingerprint(made[kind].cert));
  expect(String(error)).toContain("ca_file");
  expect(requests).toBe(0);
});

test("the certificate whose fingerprint is named is taken, whoever signed it, and no other", async () => {
  const printed = await made.fingerprint(made.selfSigned.cert);
  for (const fingerprint of [printed, printed.replaceAll(":", "").toLowerCase(), `SHA256:${printed}`]) {
    expect((await attempt("selfSigned", { fingerprint })).error).toBeNull();
  }
  const { error, requests } = await attempt("other", { fingerprint: printed });
  expect(error).toMatchObject({ type: "HostKeyError" });
  expect(String(error)).toContain("another certificate");
  expect(requests).toBe(0);
});

test("without verification any is taken", async () => {
  expect((await attempt("expired", { verify: false })).error).toBeNull();
});

test("a device may want a certificate of ours", async () => {
  const ours = { cert_file: basename(made.server.cert), key_file: basename(made.server.key) };
  expect((await attempt("server", { ...CA, ...ours }, { clients: true })).error).toBeNull();
  expect((await attempt("server", CA, { clients: true })).error).toMatchObject({ type: "ConnectionError" });
});

test("a server without TLS is told apart", async () => {
  await using server = await EapiServer.start();
  const args = { host: "127.0.0.1", port: server.port, username: "admin", password: "admin" };
  const error = await eapiDriver.connect(context(args)).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ type: "ConnectionError" });
  expect(String(error)).toMatch(/TLS handshake/);
});

test("files are read from the node's folder and from nowhere else", async () => {
  const inner = join(made.folder, "inner");
  mkdirSync(inner);
  symlinkSync(made.ca, join(inner, "link.pem"));
  const cases: [string, string | null, string][] = [
    ["ca.pem", null, "the node has no tls.dir"],
    ["ca.pem", join(made.folder, "missing"), "tls.dir of the node is not there"],
    ["missing.pem", made.folder, "names no file"],
    ["../ca.pem", inner, "leads out of"],
    [made.ca, inner, "leads out of"],
    ["link.pem", inner, "leads out of"],
    ["inner", made.folder, "names no file of a certificate"],
    [basename(made.server.key), made.folder, "HostKeyError"],
  ];
  for (const [name, dir, words] of cases) {
    const { error, requests } = await attempt("server", { ca_file: name }, { dir });
    expect(`${(error as { type?: string } | null)?.type} ${error}`).toContain(words);
    expect(requests).toBe(0);
  }
  expect((await attempt("server", { ca_file: made.ca })).error).toBeNull();
});
