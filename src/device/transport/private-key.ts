import { createDecipheriv, createHash } from "node:crypto";
import { hash as bcryptHash } from "bcrypt-pbkdf";
import { armour, MAGIC } from "./openssh-key.ts";
import { fromPkcs8 } from "./pkcs8.ts";
import { loadSsh2, type ParsedKey } from "./ssh2.ts";
import { UnusableKey } from "./unusable-key.ts";

/**
 * The sender of a key chooses its bcrypt rounds; each costs about 16 ms of CPU. ssh-keygen makes 16 or 24.
 */
const MAX_ROUNDS = 128;

/** A signature with a larger one holds the event loop for over 20 ms: 30 ms with 8192 bits. */
const MAX_RSA_BITS = 6144;

/** Reads a private key. Rejects with an `AuthenticationError` that says what is wrong, without the key. */
export async function openPrivateKey(
  text: string,
  passphrase: string | undefined,
  signal: AbortSignal,
): Promise<ParsedKey> {
  const { utils } = await loadSsh2();
  refuseForeign(text);
  const clear = await withoutSeal(text, passphrase, signal);
  const key = clear === null ? utils.parseKey(text, passphrase) : utils.parseKey(clear);
  if (key instanceof Error) throw new UnusableKey(reasonOf(key, text, passphrase));
  if (!key.isPrivateKey()) throw new UnusableKey("it is a public key");
  const bits = rsaBits(key.getPublicSSH());
  if (bits > MAX_RSA_BITS) throw new UnusableKey(`it has ${bits} bits, more than ${MAX_RSA_BITS}`);
  return key;
}

const FOREIGN: [RegExp, string][] = [
  [/^\s*PuTTY-User-Key-File-/, "it is in PuTTY's format; convert it: puttygen FILE.ppk -O private-openssh"],
  [/-----BEGIN DSA PRIVATE KEY-----/, "DSA keys are not supported"],
  [/---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----/, "it is in the format of ssh.com; convert it to OpenSSH's"],
];

function refuseForeign(text: string): void {
  const why = FOREIGN.find(([pattern]) => pattern.test(text))?.[1];
  if (why !== undefined) throw new UnusableKey(why);
}

/** The key without encryption where it is ours to open; `null` where ssh2 does so by itself without delay. */
async function withoutSeal(text: string, passphrase: string | undefined, signal: AbortSignal) {
  const sealed = parseSealed(text);
  if (sealed !== null) return await unseal(sealed, passphrase, signal);
  const converted = await fromPkcs8(text, passphrase);
  signal.throwIfAborted();
  return converted;
}

/** ssh2 cannot tell a wrong passphrase from a damaged key of the old PEM. */
function reasonOf(error: Error, text: string, passphrase: string | undefined): string {
  if (!/^Proc-Type: 4,ENCRYPTED/m.test(text)) return error.message;
  return passphrase ? "the passphrase is wrong" : "it is encrypted; give its passphrase";
}

/** Size of an RSA key's modulus; 0 for keys of other types. */
function rsaBits(publicKey: Buffer): number {
  const reader = new Reader(publicKey, 0);
  if (reader.string().toString("latin1") !== "ssh-rsa") return 0;
  reader.string();
  const modulus = reader.string();
  return (modulus[0] === 0 ? modulus.length - 1 : modulus.length) * 8;
}

/** An encrypted key in OpenSSH's own format. */
interface SealedKey {
  cipher: Cipher;
  salt: Buffer;
  rounds: number;
  /** Key count and public keys, as they stand in the file. */
  publicPart: Buffer;
  sealed: Buffer;
  tag: Buffer;
}

interface Cipher {
  name: string;
  keyBytes: number;
  ivBytes: number;
  tagBytes: number;
}

const CIPHERS: Record<string, Cipher> = {
  "aes128-cbc": { name: "aes-128-cbc", keyBytes: 16, ivBytes: 16, tagBytes: 0 },
  "aes192-cbc": { name: "aes-192-cbc", keyBytes: 24, ivBytes: 16, tagBytes: 0 },
  "aes256-cbc": { name: "aes-256-cbc", keyBytes: 32, ivBytes: 16, tagBytes: 0 },
  "aes128-ctr": { name: "aes-128-ctr", keyBytes: 16, ivBytes: 16, tagBytes: 0 },
  "aes192-ctr": { name: "aes-192-ctr", keyBytes: 24, ivBytes: 16, tagBytes: 0 },
  "aes256-ctr": { name: "aes-256-ctr", keyBytes: 32, ivBytes: 16, tagBytes: 0 },
  "aes128-gcm@openssh.com": { name: "aes-128-gcm", keyBytes: 16, ivBytes: 12, tagBytes: 16 },
  "aes256-gcm@openssh.com": { name: "aes-256-gcm", keyBytes: 32, ivBytes: 12, tagBytes: 16 },
};

/** `null` when the key is not encrypted, or in another format. */
function parseSealed(text: string): SealedKey | null {
  const body = text.match(/-----BEGIN OPENSSH PRIVATE KEY-----([A-Za-z0-9+/=\s]+)-----END/)?.[1];
  const data = Buffer.from(body ?? "", "base64");
  if (!data.subarray(0, MAGIC.length).equals(MAGIC)) return null;
  const reader = new Reader(data, MAGIC.length);
  const cipherName = reader.string().toString("latin1");
  const kdf = reader.string().toString("latin1");
  const options = new Reader(reader.string(), 0);
  if (kdf === "none") return null;
  const cipher = CIPHERS[cipherName];
  if (kdf !== "bcrypt" || cipher === undefined) throw new UnusableKey("it is encrypted in an unknown way");
  const start = reader.at;
  for (let left = reader.uint32(); left > 0; left--) reader.string();
  const publicPart = data.subarray(start, reader.at);
  const sealed = reader.string();
  const tag = data.subarray(reader.at, reader.at + cipher.tagBytes);
  return { cipher, salt: options.string(), rounds: options.uint32(), publicPart, sealed, tag };
}

class Reader {
  readonly #data: Buffer;
  at: number;
  constructor(data: Buffer, at: number) {
    this.#data = data;
    this.at = at;
  }
  uint32(): number {
    if (this.at + 4 > this.#data.length) throw new UnusableKey("it is cut off");
    this.at += 4;
    return this.#data.readUInt32BE(this.at - 4);
  }
  string(): Buffer {
    const length = this.uint32();
    if (this.at + length > this.#data.length) throw new UnusableKey("it is cut off");
    this.at += length;
    return this.#data.subarray(this.at - length, this.at);
  }
}

/** The same key without encryption, as text: what ssh2 then reads without the passphrase. */
async function unseal(key: SealedKey, passphrase = "", signal: AbortSignal): Promise<string> {
  const { cipher } = key;
  if (passphrase === "") throw new UnusableKey("it is encrypted; give its passphrase");
  if (key.rounds < 1 || key.rounds > MAX_ROUNDS || key.salt.length === 0) {
    throw new UnusableKey(`it takes ${key.rounds} bcrypt rounds to open, more than ${MAX_ROUNDS}`);
  }
  const derived = await turnOf(() => derive(passphrase, key, cipher.keyBytes + cipher.ivBytes, signal));
  const opened = decrypt(key, derived);
  if (opened.length < 8 || opened.readUInt32BE(0) !== opened.readUInt32BE(4)) {
    throw new UnusableKey("the passphrase is wrong");
  }
  return armour(key.publicPart, opened);
}

function decrypt(key: SealedKey, derived: Buffer): Buffer {
  const { name, keyBytes, tagBytes } = key.cipher;
  const secret = derived.subarray(0, keyBytes);
  const iv = derived.subarray(keyBytes);
  try {
    if (tagBytes === 0) {
      const decipher = createDecipheriv(name, secret, iv).setAutoPadding(false);
      return Buffer.concat([decipher.update(key.sealed), decipher.final()]);
    }
    const gcm = name === "aes-128-gcm" ? "aes-128-gcm" : "aes-256-gcm";
    const decipher = createDecipheriv(gcm, secret, iv).setAuthTag(key.tag);
    return Buffer.concat([decipher.update(key.sealed), decipher.final()]);
  } catch {
    throw new UnusableKey("the passphrase is wrong");
  }
}

let lastTurn: Promise<unknown> = Promise.resolve();

/** One derivation at a time, or many together would hold the loop longer than one slice. */
function turnOf<T>(work: () => Promise<T>): Promise<T> {
  const mine = lastTurn.then(work);
  lastTurn = mine.catch(() => {});
  return mine;
}

const HASH_BYTES = 32;

/**
 * bcrypt_pbkdf of OpenSSH, in slices of one bcrypt hash (about 8 ms) between which the event loop runs.
 */
async function derive(
  passphrase: string,
  key: Pick<SealedKey, "salt" | "rounds">,
  bytes: number,
  signal: AbortSignal,
): Promise<Buffer> {
  const password = sha512(Buffer.from(passphrase));
  const blocks = Math.ceil(bytes / HASH_BYTES);
  const derived = Buffer.alloc(blocks * HASH_BYTES);
  for (let block = 0; block < blocks; block++) {
    const count = Buffer.alloc(4);
    count.writeUInt32BE(block + 1);
    const mixed = await bcryptBlock(password, Buffer.concat([key.salt, count]), key.rounds, signal);
    // The key is made of the blocks' bytes in turn, not of the blocks one after another.
    for (let i = 0; i < HASH_BYTES; i++) derived[i * blocks + block] = mixed[i] ?? 0;
  }
  return derived.subarray(0, bytes);
}

async function bcryptBlock(password: Buffer, salt: Buffer, rounds: number, signal: AbortSignal) {
  const mixed = new Uint8Array(HASH_BYTES);
  let seed: Uint8Array = salt;
  for (let round = 0; round < rounds; round++) {
    await nextTurnOfLoop();
    signal.throwIfAborted();
    const output = new Uint8Array(HASH_BYTES);
    bcryptHash(password, sha512(seed), output);
    for (let i = 0; i < HASH_BYTES; i++) mixed[i] = (mixed[i] ?? 0) ^ (output[i] ?? 0);
    seed = output;
  }
  return mixed;
}

function nextTurnOfLoop(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function sha512(bytes: Uint8Array): Buffer {
  return createHash("sha512").update(bytes).digest();
}
