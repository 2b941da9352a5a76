import { afterEach } from "bun:test";
import { Factory } from "../../support/factory.ts";
import type { Backend, Setup } from "./fixture.ts";
import { startOther } from "./processes/spawn.ts";

/** To be called inside a `describe`: ends, after each of its tests, what the test has opened. */
export function setupOf(open: () => Promise<Backend>): Setup {
  const ends = new Set<() => Promise<unknown>>();

  afterEach(async () => {
    const all = [...ends].reverse();
    ends.clear();
    for (const end of all) await end();
  });

  return async ({ migrated = true } = {}) => {
    const backend = await open();
    const dispose = async () => {
      ends.delete(dispose);
      await backend.dispose();
    };
    ends.add(dispose);
    if (migrated) await backend.storage.migrate();
    return {
      ...backend,
      dispose,
      make: new Factory(backend.storage),
      other(role, ...args) {
        const child = startOther(backend.spec, role, args);
        ends.add(() => child.stop());
        return child;
      },
    };
  };
}
