import { afterAll, describe, expect, test } from "bun:test";
import { DeviceError } from "../../../src/core/errors.ts";
import { openPrivateKey } from "../../../src/device/transport/private-key.ts";
import { must } from "../../support/process.ts";
import { tempDir } from "../../support/tempdir.ts";

const folder = tempDir("keys");
afterAll(() => folder.remove());
const live = new AbortController().signal;
let made = 0;

async function makeKey(...options: string[]): Promise<{ text: string; publicKey: string }> {
  made += 1;
  const path = folder.file(`key-${made}`);
  await must(["ssh-keygen", "-q", "-f", path, "-C", "", ...options]);
  const publicKey = (await Bun.file(`${path}.pub`).text()).split(" ")[1] ?? "";
  return { text: await Bun.file(path).text(), publicKey };
}

async function refusal(text: string, passphrase?: string, signal = live): Promise<string> {
  const error = await openPrivateKey(text, passphrase, signal).catch((reason: unknown) => reason);
  if (!(error instanceof DeviceError)) throw new Error(`not refused: ${error}`);
  expect({ type: error.type, retryable: error.retryable }).toEqual({
    type: "AuthenticationError",
    retryable: false,
  });
  return error.message;
}

test.each([
  ["aes256-ctr"],
  ["aes192-ctr"],
  ["aes128-ctr"],
  ["aes256-cbc"],
  ["aes128-gcm@openssh.com"],
  ["aes256-gcm@openssh.com"],
])("a key sealed with %s opens with its passphrase, and only with that", async (cipher) => {
  const { text, publicKey } = await makeKey("-t", "ed25519", "-N", "pässphrase", "-Z", cipher, "-a", "2");
  const key = await openPrivateKey(text, "pässphrase", live);
  expect(key.getPublicSSH().toString("base64")).toBe(publicKey);
  expect(await refusal(text, "another")).toContain("the passphrase is wrong");
  expect(await refusal(text)).toContain("it is encrypted; give its passphrase");
});

test("line ends of CR LF do not matter", async () => {
  const { text, publicKey } = await makeKey("-t", "ed25519", "-N", "x", "-a", "2");
  const key = await openPrivateKey(text.replaceAll("\n", "\r\n"), "x", live);
  expect(key.getPublicSSH().toString("base64")).toBe(publicKey);
});

test("a key that takes too many rounds to open is refused before any work", async () => {
  const { text } = await makeKey("-t", "ed25519", "-N", "x", "-a", "129");
  expect(await refusal(text, "x")).toContain("it takes 129 bcrypt rounds to open, more than 128");
});

test.each([
  ["text", "not a key"],
  ["nothing in its armour", "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n"],
  ["PKCS#8 that is cut off", "-----BEGIN PRIVATE KEY-----\nMC4CAQ==\n-----END PRIVATE KEY-----\n"],
])("%s is refused without showing it", async (_what, text) => {
  const message = await refusal(text, "secret-passphrase");
  expect(message).toStartWith("the private key (pkey) cannot be used");
  expect(message).not.toContain("secret-passphrase");
});

test("a key that is cut off anywhere is refused", async () => {
  const { text } = await makeKey("-t", "ed25519", "-N", "x", "-a", "1");
  const body = Buffer.from(text.split("\n").slice(1, -2).join(""), "base64");
  for (const end of [15, 20, 40, 60, 100, 200, body.length - 1]) {
    const cut = body.subarray(0, end).toString("base64");
    await refusal(`-----BEGIN OPENSSH PRIVATE KEY-----\n${cut}\n-----END OPENSSH PRIVATE KEY-----\n`, "x");
  }
});

test("a public key is refused", async () => {
  const { publicKey } = await makeKey("-t", "ed25519", "-N", "");
  expect(await refusal(`ssh-ed25519 ${publicKey} test`)).toContain("it is a public key");
});

test("an RSA key so large that signing with it would hold the event loop is refused", async () => {
  expect(await refusal(rsaPem(8192))).toContain("it has 8192 bits, more than 6144");
});

/** PKCS#1 with a modulus of so many bits; its numbers belong to no real key. */
function rsaPem(bits: number): string {
  const modulus = Buffer.concat([Buffer.from([0]), Buffer.alloc(bits / 8, 0xff)]);
  const half = Buffer.alloc(bits / 16, 0x7f);
  const exponent = Buffer.from([1, 0, 1]);
  const numbers = [Buffer.from([0]), modulus, exponent, half, half, half, half, half, half];
  const body = der(0x30, Buffer.concat(numbers.map((number) => der(0x02, number)))).toString("base64");
  return `-----BEGIN RSA PRIVATE KEY-----\n${body.match(/.{1,64}/g)?.join("\n")}\n-----END RSA PRIVATE KEY-----\n`;
}

function der(tag: number, content: Buffer): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(content.length);
  return Buffer.concat([Buffer.from([tag, 0x82]), length, content]);
}

describe("opening a key", () => {
  test("leaves the event loop free, also many at once", async () => {
    const { text } = await makeKey("-t", "ed25519", "-N", "x", "-a", "8");
    let last = performance.now();
    let longest = 0;
    const timer = setInterval(() => {
      const now = performance.now();
      longest = Math.max(longest, now - last);
      last = now;
    }, 1);
    await Promise.all(Array.from({ length: 6 }, () => openPrivateKey(text, "x", live)));
    clearInterval(timer);
    // A slice takes 8 ms; all together would take 800 ms.
    expect(longest).toBeLessThan(150);
  });

  test("ends when the attempt is aborted, and others go on", async () => {
    const { text } = await makeKey("-t", "ed25519", "-N", "x", "-a", "100");
    const stop = new DeviceError("JobAborted", "the job was aborted");
    const abort = new AbortController();
    const opening = openPrivateKey(text, "x", abort.signal).catch((reason: unknown) => reason);
    const { text: other } = await makeKey("-t", "ed25519", "-N", "y", "-a", "1");
    const second = openPrivateKey(other, "y", live);
    abort.abort(stop);
    expect(await opening).toBe(stop);
    expect((await second).type).toBe("ssh-ed25519");
  });
});
