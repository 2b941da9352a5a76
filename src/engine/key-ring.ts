import type { RandomBytes } from "../core/ids.ts";
import { keyIdOf, type Sealer, sealer } from "./seal.ts";

/** The keys that a process has, of which the store says which one seals. */
export interface KeyRing extends Sealer {
  has(keyId: string): boolean;
  /** Seals with this one from now on. False: it is not there, nor where keys are read from. */
  use(keyId: string): boolean;
  /** Fingerprints are made with `key` from now on: they must outlast a change of the key that seals. */
  printWith(key: Uint8Array): void;
}

export interface KeyRingOptions {
  /** The first seals until `use` says otherwise. */
  keys: readonly Uint8Array[];
  /** All keys there are now; asked when one is met that is not known. */
  reread?: () => readonly Uint8Array[];
  random?: RandomBytes;
}

/** A key that was known is known until the process ends: what was sealed with it may still be on its way. */
export function keyRing({ keys, reread = () => [], random }: KeyRingOptions): KeyRing {
  const sealers = new Map<string, Sealer>();
  const add = (key: Uint8Array) => {
    const own = sealer(key, random);
    if (!sealers.has(own.keyId)) sealers.set(own.keyId, own);
    return own;
  };
  const [first] = keys.map(add);
  if (first === undefined) throw new RangeError("a ring has at least one key");
  let current: Sealer = first;
  let print: Sealer = first;

  function find(keyId: string): Sealer | undefined {
    const known = sealers.get(keyId);
    if (known !== undefined) return known;
    for (const key of reread()) add(key);
    return sealers.get(keyId);
  }

  return {
    get keyId() {
      return current.keyId;
    },
    has: (keyId) => find(keyId) !== undefined,
    use(keyId) {
      const found = find(keyId);
      if (found !== undefined) current = found;
      return found !== undefined;
    },
    printWith(key) {
      print = sealer(key, random);
    },
    seal: (binding, plain) => current.seal(binding, plain),
    open(binding, sealed) {
      const keyId = keyIdOf(sealed);
      const own = (keyId === null ? undefined : find(keyId)) ?? current;
      return own.open(binding, sealed);
    },
    fingerprint: (text) => print.fingerprint(text),
  };
}
