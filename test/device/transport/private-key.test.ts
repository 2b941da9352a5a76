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

describe("a key in PKCS#8", () => {
  const TYPES: [string, string[]][] = [
    ["rsa", ["RSA", "-pkeyopt", "rsa_keygen_bits:2048"]],
    ["ecdsa", ["EC", "-pkeyopt", "ec_paramgen_curve:P-256"]],
    ["ed25519", ["ED25519"]],
  ];
  const SEALS: [string, string[]][] = [
    ["AES-256 and PBKDF2", ["-v2", "aes-256-cbc"]],
    ["AES-128 and PBKDF2 with SHA-1", ["-v2", "aes-128-cbc", "-v2prf", "hmacWithSHA1"]],
    ["AES-192 and PBKDF2 with SHA-512", ["-v2", "aes-192-cbc", "-v2prf", "hmacWithSHA512"]],
    ["3DES and PBKDF2", ["-v2", "des3"]],
    ["AES-256 and scrypt", ["-scrypt"]],
  ];

  /** The key as openssl makes it, and its public half as ssh-keygen reads it from there. */
  async function makePkcs8(type: string[]): Promise<{ path: string; publicKey: string }> {
    made += 1;
    const path = folder.file(`pkcs8-${made}`);
    await must(["openssl", "genpkey", "-algorithm", ...type, "-out", path]);
    await must(["chmod", "600", path]);
    if (type[0] === "ED25519") return { path, publicKey: await ed25519PublicKey(path) };
    return { path, publicKey: (await must(["ssh-keygen", "-y", "-f", path])).split(" ")[1]?.trim() ?? "" };
  }

  /** ssh-keygen reads no such key; openssl ends its public half with the key's 32 bytes. */
  async function ed25519PublicKey(path: string): Promise<string> {
    const pem = await must(["openssl", "pkey", "-in", path, "-pubout"]);
    const bytes = Buffer.from(pem.replace(/-----[^-]*-----/g, ""), "base64").subarray(-32);
    const field = (text: Buffer) => Buffer.concat([Buffer.from([0, 0, 0, text.length]), text]);
    return Buffer.concat([field(Buffer.from("ssh-ed25519")), field(bytes)]).toString("base64");
  }

  describe.each(TYPES)("%s", (_type, options) => {
    test("opens, and signs", async () => {
      const { path, publicKey } = await makePkcs8(options);
      const key = await openPrivateKey(await Bun.file(path).text(), undefined, live);
      expect(key.getPublicSSH().toString("base64")).toBe(publicKey);
      const signature = key.sign(Buffer.from("some words"));
      expect(key.verify(Buffer.from("some words"), signature)).toBe(true);
      expect(key.verify(Buffer.from("other words"), signature)).toBe(false);
    });

    test.each(SEALS)("sealed with %s opens with its passphrase, and only with that", async (_seal, how) => {
      const { path, publicKey } = await makePkcs8(options);
      const text = await must([
        "openssl",
        "pkcs8",
        "-topk8",
        "-in",
        path,
        ...how,
        "-passout",
        "pass:pässphrase",
      ]);
      expect(text).toStartWith("-----BEGIN ENCRYPTED PRIVATE KEY-----");
      const key = await openPrivateKey(text, "pässphrase", live);
      expect(key.getPublicSSH().toString("base64")).toBe(publicKey);
      expect(await refusal(text, "another")).toContain("the passphrase is wrong");
      expect(await refusal(text)).toContain("it is encrypted; give its passphrase");
    });
  });

  test("that takes too long to open is refused before any work", async () => {
    const { path } = await makePkcs8(["ED25519"]);
    const sealed = await must([
      "openssl",
      "pkcs8",
      "-topk8",
      "-in",
      path,
      "-iter",
      "5000",
      "-passout",
      "pass:x",
    ]);
    const data = Buffer.from(sealed.replace(/-----[^-]*-----/g, ""), "base64");
    const at = data.indexOf(Buffer.from([0x02, 0x02, 0x13, 0x88]));
    expect(at).toBeGreaterThan(0);
    // The same length, so the lengths around it stay right: 0x7fffffff instead of the salt's last bytes.
    const salt = data.subarray(at - 8, at);
    const more = Buffer.concat([data.subarray(0, at - 10), Buffer.from([0x04, salt.length - 2])]);
    const changed = Buffer.concat([
      more,
      salt.subarray(2),
      Buffer.from([0x02, 0x04, 0x7f, 0xff, 0xff, 0xff]),
      data.subarray(at + 4),
    ]);
    const text = `-----BEGIN ENCRYPTED PRIVATE KEY-----\n${changed.toString("base64")}\n-----END ENCRYPTED PRIVATE KEY-----\n`;
    expect(await refusal(text, "x")).toContain("more than 1000000 iterations");
  });

  test("that takes too much work to open is refused", async () => {
    const { path } = await makePkcs8(["ED25519"]);
    const scrypt = ["-scrypt", "-scrypt_N", "16384", "-scrypt_r", "8", "-scrypt_p", "3"];
    const text = await must(["openssl", "pkcs8", "-topk8", "-in", path, ...scrypt, "-passout", "pass:x"]);
    expect(await refusal(text, "x")).toContain("it takes more work to open than it may (scrypt)");
  });

  test("that is encrypted as before PKCS#5 2.0, or of a type that SSH has not, says so", async () => {
    const { path } = await makePkcs8(["ED25519"]);
    const old = ["-v1", "PBE-SHA1-3DES", "-passout", "pass:x"];
    const text = await must(["openssl", "pkcs8", "-topk8", "-in", path, ...old]);
    expect(await refusal(text, "x")).toContain("it is encrypted in an unknown way");
    const other = folder.file("x25519");
    await must(["openssl", "genpkey", "-algorithm", "X25519", "-out", other]);
    expect(await refusal(await Bun.file(other).text())).toContain(
      "keys of type x25519 do not log in over SSH",
    );
  });

  test("that is cut off anywhere is refused", async () => {
    const { path } = await makePkcs8(["ED25519"]);
    const sealed = await must(["openssl", "pkcs8", "-topk8", "-in", path, "-passout", "pass:x"]);
    const data = Buffer.from(sealed.replace(/-----[^-]*-----/g, ""), "base64");
    for (let end = 1; end < data.length; end += 7) {
      const cut = data.subarray(0, end).toString("base64");
      await refusal(
        `-----BEGIN ENCRYPTED PRIVATE KEY-----\n${cut}\n-----END ENCRYPTED PRIVATE KEY-----\n`,
        "x",
      );
    }
  });
});

describe("a key in the PEM of each type", () => {
  test.each([
    ["rsa", ["-t", "rsa", "-b", "2048"]],
    ["ecdsa", ["-t", "ecdsa", "-b", "384"]],
  ])("%s, with a passphrase and without", async (_type, options) => {
    const clear = await makeKey(...options, "-m", "PEM", "-N", "");
    const open = await openPrivateKey(clear.text, undefined, live);
    expect(open.getPublicSSH().toString("base64")).toBe(clear.publicKey);
    const { text, publicKey } = await makeKey(...options, "-m", "PEM", "-N", "open sesame");
    expect(text).toContain("Proc-Type: 4,ENCRYPTED");
    expect((await openPrivateKey(text, "open sesame", live)).getPublicSSH().toString("base64")).toBe(
      publicKey,
    );
    expect(await refusal(text, "another")).toContain("the passphrase is wrong");
    expect(await refusal(text)).toContain("it is encrypted; give its passphrase");
  });
});

test.each([
  [
    "PuTTY's",
    "PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\n",
    "puttygen FILE.ppk -O private-openssh",
  ],
  ["PuTTY's older", "PuTTY-User-Key-File-2: ssh-rsa\nEncryption: none\n", "PuTTY's format; convert it"],
  ["ssh.com's", "---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----\nP2/56wAAA\n", "the format of ssh.com"],
  [
    "DSA's",
    "-----BEGIN DSA PRIVATE KEY-----\nMIIB\n-----END DSA PRIVATE KEY-----\n",
    "DSA keys are not supported",
  ],
])("a key in %s format is refused with the way out", async (_whose, text, way) => {
  expect(await refusal(text, "x")).toContain(way);
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
