import type { HostKeysDeps } from "../../src/api/modules/hostkeys/routes.ts";
import type { KnownHostKey } from "../../src/storage/host-keys.ts";

type HostKeys = HostKeysDeps["hostKeys"];

/** Known keys in memory, listed in the order they were put there. */
export class MemoryHostKeys implements HostKeys {
  readonly keys: KnownHostKey[] = [];
  /** Thrown by every method while it is set. */
  fault: Error | null = null;

  async listHostKeys({ filter, limit, after }: Parameters<HostKeys["listHostKeys"]>[0]) {
    if (this.fault !== null) throw this.fault;
    const fitting = this.keys.filter((key) =>
      Object.entries(filter).every(([name, value]) => key[name as keyof KnownHostKey] === value),
    );
    const start = after === undefined ? 0 : fitting.findIndex(({ host }) => host === after) + 1;
    const keys = fitting.slice(start, start + limit);
    return { keys, next: fitting.length > start + limit ? (keys.at(-1)?.host ?? null) : null };
  }

  async forgetHostKey({ site, host, port }: Parameters<HostKeys["forgetHostKey"]>[0]) {
    if (this.fault !== null) throw this.fault;
    const at = this.keys.findIndex((key) => key.site === site && key.host === host && key.port === port);
    if (at < 0) return "unknown";
    this.keys.splice(at, 1);
    return "forgotten";
  }
}
