import { createDecipheriv, createPrivateKey, type JsonWebKey, pbkdf2, scrypt } from "node:crypto";
import { promisify } from "node:util";
import { DER, type DerValue, intOf, oidOf, readDer } from "./der.ts";
import { armour, prefixed } from "./openssh-key.ts";
import { UnusableKey } from "./unusable-key.ts";

/** The sender of a key chooses these; OpenSSL makes 2048. Beside the event loop, a million take half a second. */
const MAX_ITERATIONS = 1_000_000;
/** Times the parallelization, as that is time. OpenSSL makes keys of 16 MiB. */
const MAX_SCRYPT_MEMORY = 32 * 1024 * 1024;

/**
 * The text of a key in PKCS#8 (`BEGIN PRIVATE KEY`, `BEGIN ENCRYPTED PRIVATE KEY`) as one that ssh2 reads;
 * `null` when it is none. Throws {@link UnusableKey}.
 */
export async function fromPkcs8(text: string, passphrase: string | undefined): Promise<string | null> {
  const [, sealed, body] =
    /-----BEGIN (ENCRYPTED )?PRIVATE KEY-----([A-Za-z0-9+/=\s]+)-----END/.exec(text) ?? [];
  if (body === undefined) return null;
  const data = Buffer.from(body, "base64");
  const clear = sealed === undefined ? data : await unseal(data, passphrase);
  return convert(clear);
}

const OIDS = {
  pbes2: "1.2.840.113549.1.5.13",
  pbkdf2: "1.2.840.113549.1.5.12",
  scrypt: "1.3.6.1.4.1.11591.4.11",
};

const CIPHERS: Record<string, { name: string; keyBytes: number }> = {
  "2.16.840.1.101.3.4.1.2": { name: "aes-128-cbc", keyBytes: 16 },
  "2.16.840.1.101.3.4.1.22": { name: "aes-192-cbc", keyBytes: 24 },
  "2.16.840.1.101.3.4.1.42": { name: "aes-256-cbc", keyBytes: 32 },
  "1.2.840.113549.3.7": { name: "des-ede3-cbc", keyBytes: 24 },
};

/** Keyed hashes for PBKDF2; it is the first when none is named. */
const HASHES: Record<string, string> = {
  "1.2.840.113549.2.7": "sha1",
  "1.2.840.113549.2.8": "sha224",
  "1.2.840.113549.2.9": "sha256",
  "1.2.840.113549.2.10": "sha384",
  "1.2.840.113549.2.11": "sha512",
};

async function unseal(data: Buffer, passphrase = ""): Promise<Buffer> {
  if (passphrase === "") throw new UnusableKey("it is encrypted; give its passphrase");
  const [outer] = sequence(data, 1);
  const [algorithm, octets] = sequence(contentOf(outer, DER.sequence), 2);
  const [name, parameters] = sequence(contentOf(algorithm, DER.sequence), 2);
  if (oidOf(contentOf(name, DER.oid)) !== OIDS.pbes2) throw unknownWay();
  const [derivation, encryption] = sequence(contentOf(parameters, DER.sequence), 2);
  const [cipherName, iv] = sequence(contentOf(encryption, DER.sequence), 2);
  const cipher = CIPHERS[oidOf(contentOf(cipherName, DER.oid))];
  if (cipher === undefined) throw unknownWay();
  const key = await derive(contentOf(derivation, DER.sequence), passphrase, cipher.keyBytes);
  return decrypt(cipher.name, key, contentOf(iv, DER.octets), contentOf(octets, DER.octets));
}

function decrypt(name: string, key: Buffer, iv: Buffer, sealed: Buffer): Buffer {
  let clear: Buffer;
  try {
    const decipher = createDecipheriv(name, key, iv);
    clear = Buffer.concat([decipher.update(sealed), decipher.final()]);
  } catch {
    throw new UnusableKey("the passphrase is wrong");
  }
  // One wrong passphrase in 256 leaves a padding that looks right.
  const values = readDer(clear);
  if (values?.length !== 1 || values[0]?.tag !== DER.sequence)
    throw new UnusableKey("the passphrase is wrong");
  return clear;
}

function derive(method: Buffer, passphrase: string, bytes: number): Promise<Buffer> {
  const [name, parameters] = sequence(method, 2);
  const values = readDer(contentOf(parameters, DER.sequence)) ?? [];
  switch (oidOf(contentOf(name, DER.oid))) {
    case OIDS.pbkdf2:
      return derivePbkdf2(values, passphrase, bytes);
    case OIDS.scrypt:
      return deriveScrypt(values, passphrase, bytes);
    default:
      throw unknownWay();
  }
}

/** Salt, iterations; then perhaps the length of the key, and the hash. */
function derivePbkdf2(values: DerValue[], passphrase: string, bytes: number): Promise<Buffer> {
  const [salt, count] = values;
  const iterations = intOf(contentOf(count, DER.integer)) ?? Number.POSITIVE_INFINITY;
  if (iterations < 1 || iterations > MAX_ITERATIONS) {
    throw new UnusableKey(`it takes more than ${MAX_ITERATIONS} iterations to open`);
  }
  const named = values.slice(2).find(({ tag }) => tag === DER.sequence);
  const [oid] = named === undefined ? [] : (readDer(named.content) ?? []);
  const hash = oid === undefined ? "sha1" : HASHES[oidOf(oid.content)];
  if (hash === undefined) throw unknownWay();
  return promisify(pbkdf2)(passphrase, contentOf(salt, DER.octets), iterations, bytes, hash);
}

/** Salt, cost, block size, parallelization; then perhaps the length of the key. */
function deriveScrypt(values: DerValue[], passphrase: string, bytes: number): Promise<Buffer> {
  const [salt, ...rest] = values;
  const [cost = 0, blockSize = 0, parallelization = 0] = rest.map(({ content }) => intOf(content) ?? 0);
  const memory = 128 * cost * blockSize;
  if (memory === 0 || parallelization === 0 || memory * parallelization > MAX_SCRYPT_MEMORY) {
    throw new UnusableKey("it takes more work to open than it may (scrypt)");
  }
  const options = { N: cost, r: blockSize, p: parallelization, maxmem: 2 * MAX_SCRYPT_MEMORY };
  const key = contentOf(salt, DER.octets);
  return new Promise((resolve, reject) => {
    scrypt(passphrase, key, bytes, options, (error, derived) => {
      if (error) reject(new UnusableKey("it is encrypted in an unknown way"));
      else resolve(derived);
    });
  });
}

function sequence(data: Buffer, atLeast: number): DerValue[] {
  const values = readDer(data);
  if (values === null || values.length < atLeast) throw new UnusableKey("it is cut off");
  return values;
}

function contentOf(value: DerValue | undefined, tag: number): Buffer {
  if (value?.tag !== tag) throw new UnusableKey("it is cut off");
  return value.content;
}

function unknownWay(): UnusableKey {
  return new UnusableKey("it is encrypted in an unknown way; `ssh-keygen -p -f FILE` writes it anew");
}

/** To the form that each type of key had before PKCS#8. */
function convert(pkcs8: Buffer): string {
  let key: ReturnType<typeof createPrivateKey>;
  try {
    key = createPrivateKey({ key: pkcs8, format: "der", type: "pkcs8" });
  } catch {
    throw new UnusableKey("it is damaged, or of an unknown type");
  }
  switch (key.asymmetricKeyType) {
    case "rsa":
      return `${key.export({ format: "pem", type: "pkcs1" })}`;
    case "ec":
      return `${key.export({ format: "pem", type: "sec1" })}`;
    case "ed25519":
      return openSshEd25519(key.export({ format: "jwk" }));
    default:
      throw new UnusableKey(`keys of type ${key.asymmetricKeyType ?? "unknown"} do not log in over SSH`);
  }
}

/** Its public part is a count of one, then the key. */
function openSshEd25519({ x = "", d = "" }: JsonWebKey): string {
  const publicKey = Buffer.from(x, "base64url");
  const secret = Buffer.concat([Buffer.from(d, "base64url"), publicKey]);
  const type = prefixed(Buffer.from("ssh-ed25519"));
  const checks = Buffer.alloc(8);
  const comment = prefixed(Buffer.alloc(0));
  const clear = Buffer.concat([checks, type, prefixed(publicKey), prefixed(secret), comment]);
  const padding = Buffer.from(Array.from({ length: (8 - (clear.length % 8)) % 8 }, (_, n) => n + 1));
  const blob = prefixed(Buffer.concat([type, prefixed(publicKey)]));
  return armour(Buffer.concat([Buffer.from([0, 0, 0, 1]), blob]), Buffer.concat([clear, padding]));
}
