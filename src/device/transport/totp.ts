import { createHmac } from "node:crypto";

/** A time-based one-time password (RFC 6238), as authenticator apps are given it. */
export interface Totp {
  /** Base32, as it is shown beside the QR code: case, spaces, dashes and padding do not matter. */
  secret: string;
  digits: number;
  /** Seconds that a code lasts. */
  period: number;
  algorithm: "sha1" | "sha256" | "sha512";
}

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** `null` when the text is not base32, or empty. */
export function base32(text: string): Buffer | null {
  const letters = text.toUpperCase().replace(/[\s-]/g, "").replace(/=+$/, "");
  const bytes: number[] = [];
  let bits = 0;
  let held = 0;
  for (const letter of letters) {
    const value = ALPHABET.indexOf(letter);
    if (value < 0) return null;
    held = (held << 5) | value;
    bits += 5;
    if (bits < 8) continue;
    bits -= 8;
    bytes.push((held >> bits) & 0xff);
    held &= (1 << bits) - 1;
  }
  return bytes.length === 0 ? null : Buffer.from(bytes);
}

/** The code at a moment, ms since the epoch. */
export function totpCode({ secret, digits, period, algorithm }: Totp, now: number): string {
  const key = base32(secret);
  if (key === null) throw new RangeError("the secret of a one-time password is not base32");
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(now / 1000 / period)));
  const mac = createHmac(algorithm, key).update(counter).digest();
  // RFC 4226, 5.3: the last four bits say where the code's 31 bits begin.
  const number = mac.readUInt32BE((mac.at(-1) ?? 0) & 0xf) & 0x7fffffff;
  return String(number % 10 ** digits).padStart(digits, "0");
}
