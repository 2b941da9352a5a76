import type { HostKeyFilter, HostKeyStore, KnownHostKey } from "../../../../src/storage/host-keys.ts";

type Place = Pick<KnownHostKey, "site" | "host" | "port">;

/** The host keys of a store and every change that the contract allows. */
export class HostKeys {
  readonly #all: KnownHostKey[] = [];

  check({
    record,
    now = 0,
    ...key
  }: Parameters<HostKeyStore["checkHostKey"]>[0]): Awaited<ReturnType<HostKeyStore["checkHostKey"]>> {
    const known = this.#of(key);
    if (known) {
      const same = known.algorithm === key.algorithm && known.fingerprint === key.fingerprint;
      return same ? "same" : "changed";
    }
    if (!record) return "unknown";
    this.#all.push({ ...key, firstSeen: now });
    return "recorded";
  }

  forget(place: Place): "forgotten" | "unknown" {
    const known = this.#of(place);
    if (!known) return "unknown";
    this.#all.splice(this.#all.indexOf(known), 1);
    return "forgotten";
  }

  list(filter: HostKeyFilter): KnownHostKey[] {
    return this.#all
      .filter((key) => Object.entries(filter).every(([name, value]) => key[name as keyof Place] === value))
      .toSorted(compare);
  }

  #of({ site, host, port }: Place): KnownHostKey | undefined {
    return this.list({ site, host, port })[0];
  }
}

function compare(a: Place, b: Place): number {
  return order(a.site ?? "", b.site ?? "") || order(a.host, b.host) || a.port - b.port;
}

function order(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
