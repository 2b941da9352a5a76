import { createCipheriv, createDecipheriv, createHash, createHmac } from "node:crypto";
import { type RandomBytes, systemRandom } from "../core/ids.ts";

const VERSION = 1;
const KEY_ID_BYTES = 8;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const HEADER_BYTES = 1 + KEY_ID_BYTES + NONCE_BYTES;

/**
 * Seals what may hold a secret before it reaches storage: AES-256-GCM, bound to the job's id, so that a
 * sealed operation moved to another job does not open. Layout: version, key id (8), nonce (12),
 * ciphertext, tag (16).
 */
export interface Sealer {
  /** First 8 bytes of the key's SHA-256 in hex: says which key, tells nothing about it. */
  readonly keyId: string;
  seal(jobId: string, plain: Uint8Array): Uint8Array;
  /** Throws when the key is another one, or the bytes or the job id are not the sealed ones. */
  open(jobId: string, sealed: Uint8Array): Uint8Array;
  /** Tells equal texts apart from different ones; keyed, so that a stored one cannot be guessed back. */
  fingerprint(text: string): string;
}

/** Which key something was sealed with; null: it is nothing of ours. */
export function keyIdOf(sealed: Uint8Array): string | null {
  if (sealed.length < HEADER_BYTES + TAG_BYTES || sealed[0] !== VERSION) return null;
  return Buffer.from(sealed.subarray(1, 1 + KEY_ID_BYTES)).toString("hex");
}

/** `key` is 32 random bytes; `random` makes the nonces. */
export function sealer(key: Uint8Array, random: RandomBytes = systemRandom): Sealer {
  if (key.length !== 32) throw new RangeError("a sealing key is 32 bytes");
  const id = createHash("sha256").update(key).digest().subarray(0, KEY_ID_BYTES);
  return {
    keyId: id.toString("hex"),
    fingerprint: (text) => createHmac("sha256", key).update("fingerprint\0").update(text).digest("base64url"),
    seal(jobId, plain) {
      const nonce = new Uint8Array(NONCE_BYTES);
      random(nonce);
      const cipher = createCipheriv("aes-256-gcm", key, nonce).setAAD(Buffer.from(jobId));
      const body = Buffer.concat([cipher.update(plain), cipher.final()]);
      return Buffer.concat([Uint8Array.of(VERSION), id, nonce, body, cipher.getAuthTag()]);
    },
    open(jobId, sealed) {
      const bytes = Buffer.from(sealed);
      if (bytes.length < HEADER_BYTES + TAG_BYTES || bytes[0] !== VERSION) {
        throw new Error("not a sealed operation of this version");
      }
      if (!bytes.subarray(1, 1 + KEY_ID_BYTES).equals(id)) {
        throw new Error("sealed with another key (NETPULSE_SECRET_KEY changed)");
      }
      const nonce = bytes.subarray(1 + KEY_ID_BYTES, HEADER_BYTES);
      const tag = bytes.subarray(-TAG_BYTES);
      const decipher = createDecipheriv("aes-256-gcm", key, nonce).setAAD(Buffer.from(jobId)).setAuthTag(tag);
      return Buffer.concat([decipher.update(bytes.subarray(HEADER_BYTES, -TAG_BYTES)), decipher.final()]);
    },
  };
}
