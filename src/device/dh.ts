import crypto from "node:crypto";

/**
 * Finite-field Diffie-Hellman for SSH. Bun's own constructors check the group each time, which holds
 * the event loop for 0.5 s (2048 bits) to 27 s (8192 bits); these do not, and need 1 to 10 ms for an
 * exchange of up to 4096 bits. BigInt arithmetic does not run in constant time; the exponents are
 * ephemeral, used once each.
 */
interface DiffieHellman {
  /** The public value of a private exponent made for this exchange alone. */
  generateKeys(): Buffer;
  /** Throws when the peer's public value is not between 1 and p - 1, both excluded. */
  computeSecret(peerPublic: Uint8Array): Buffer;
  getPrime(): Buffer;
  getGenerator(): Buffer;
}

/** The MODP groups of RFC 2409 (modp2) and RFC 3526, by the names node:crypto gives them. */
const GROUPS: Record<string, { bits: number; offset: bigint }> = {
  modp2: { bits: 1024, offset: 129093n },
  modp5: { bits: 1536, offset: 741804n },
  modp14: { bits: 2048, offset: 124476n },
  modp15: { bits: 3072, offset: 1690314n },
  modp16: { bits: 4096, offset: 240904n },
  modp17: { bits: 6144, offset: 929484n },
  modp18: { bits: 8192, offset: 4743158n },
};

const MIN_GROUP_BITS = 1024;
/** A larger group holds the loop too long; an exchange of 8192 bits takes 40 ms. */
export const MAX_GROUP_BITS = 4096;
/** For a device that was given `legacy`. */
export const MAX_LEGACY_GROUP_BITS = 8192;

let maxGroupBits = MAX_GROUP_BITS;

/**
 * How large a group may be from now on. A server chooses the group of a group exchange while ssh2
 * handles its packet synchronously, so each connection sets its own limit just before.
 */
export function limitGroupBits(bits: number): void {
  maxGroupBits = bits;
}

/** A named group. Its prime is public and safe: nothing about it needs checking. */
export function createGroup(name: string): DiffieHellman {
  const group = GROUPS[name];
  if (group === undefined) throw new Error(`unknown Diffie-Hellman group ${name}`);
  return exchange(groupPrime(name), 2n);
}

/** A group the server chose (RFC 4419). Refuses what is no odd number of 1024 bits to the limit. */
export function createExchange(prime: Uint8Array, generator: Uint8Array | number): DiffieHellman {
  const p = toBigInt(prime);
  const g = typeof generator === "number" ? BigInt(generator) : toBigInt(generator);
  const bits = bitLength(p);
  if (bits < MIN_GROUP_BITS) throw new Error(`the server's Diffie-Hellman group has only ${bits} bits`);
  if (bits > maxGroupBits) {
    throw new Error(`the server's Diffie-Hellman group has ${bits} bits, more than ${maxGroupBits}`);
  }
  if ((p & 1n) === 0n || g <= 1n || g >= p - 1n) {
    throw new Error("the server's Diffie-Hellman group is not valid");
  }
  return exchange(p, g);
}

/**
 * Puts {@link createGroup} and {@link createExchange} in the place of node:crypto's constructors. Must
 * run before ssh2 is loaded, which takes them from node:crypto at that moment. Idempotent.
 */
export function installDiffieHellman(): void {
  Object.assign(crypto, {
    createDiffieHellman: createExchange,
    createDiffieHellmanGroup: createGroup,
    getDiffieHellman: createGroup,
  });
}

export function diffieHellmanInstalled(): boolean {
  return (crypto.createDiffieHellmanGroup as unknown) === createGroup;
}

function exchange(p: bigint, g: bigint): DiffieHellman {
  const bytes = Math.ceil(bitLength(p) / 8);
  const secret = randomExponent(exponentBits(bitLength(p)));
  return {
    generateKeys: () => toBuffer(modularPower(g, secret, p), bytes),
    computeSecret(peerPublic) {
      const peer = toBigInt(peerPublic);
      if (peer <= 1n || peer >= p - 1n) throw new Error("the peer's Diffie-Hellman value is not valid");
      return toBuffer(modularPower(peer, secret, p), bytes);
    },
    getPrime: () => toBuffer(p, bytes),
    getGenerator: () => toBuffer(g, Math.ceil(bitLength(g) / 8)),
  };
}

/**
 * Bits of a private exponent: at least twice the security strength of the group, rounded up from the
 * minima of NIST SP 800-56A rev. 3 and RFC 7919 (225, 275, 325, 375, 400 bits).
 */
function exponentBits(groupBits: number): number {
  if (groupBits <= 2048) return 256;
  if (groupBits <= 3072) return 320;
  if (groupBits <= 4096) return 384;
  return 448;
}

/** Uniform among the numbers of exactly `bits` bits. */
function randomExponent(bits: number): bigint {
  const random = toBigInt(crypto.getRandomValues(new Uint8Array(bits / 8)));
  return random | (1n << BigInt(bits - 1));
}

const WINDOW = 4;

/** base ^ exponent mod modulus; 4 bits of the exponent, one hexadecimal digit, at a time. */
export function modularPower(base: bigint, exponent: bigint, modulus: bigint): bigint {
  const powers = [1n];
  for (let i = 1; i < 1 << WINDOW; i++) powers.push(((powers[i - 1] ?? 1n) * base) % modulus);
  let result = 1n;
  for (const digit of exponent.toString(1 << WINDOW)) {
    for (let i = 0; i < WINDOW; i++) result = (result * result) % modulus;
    result = (result * (powers[Number.parseInt(digit, 1 << WINDOW)] ?? 1n)) % modulus;
  }
  return result;
}

const primes = new Map<string, bigint>();

/** p = 2^n - 2^(n-64) - 1 + 2^64 * (floor(2^(n-130) * pi) + offset), as the RFCs define the groups. */
export function groupPrime(name: string): bigint {
  const known = primes.get(name);
  if (known !== undefined) return known;
  const { bits, offset } = GROUPS[name] ?? { bits: 0, offset: 0n };
  const n = BigInt(bits);
  const prime = (1n << n) - (1n << (n - 64n)) - 1n + ((scaledPi(bits - 130) + offset) << 64n);
  primes.set(name, prime);
  return prime;
}

/** floor(pi * 2^bits) by Machin's formula, with guard bits that absorb the truncated terms. */
function scaledPi(bits: number): bigint {
  const guard = 64;
  const one = 1n << BigInt(bits + guard);
  return (4n * (4n * scaledArctanInverse(5n, one) - scaledArctanInverse(239n, one))) >> BigInt(guard);
}

/** arctan(1 / x) * one */
function scaledArctanInverse(x: bigint, one: bigint): bigint {
  let power = one / x;
  let sum = power;
  for (let n = 3n, sign = -1n; power > 0n; n += 2n, sign = -sign) {
    power /= x * x;
    sum += (sign * power) / n;
  }
  return sum;
}

function bitLength(value: bigint): number {
  return value.toString(2).length;
}

function toBigInt(bytes: Uint8Array): bigint {
  return bytes.length === 0 ? 0n : BigInt(`0x${Buffer.from(bytes).toString("hex")}`);
}

function toBuffer(value: bigint, bytes: number): Buffer {
  return Buffer.from(value.toString(16).padStart(bytes * 2, "0"), "hex");
}
