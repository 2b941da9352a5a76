import { expect } from "bun:test";
import fc from "fast-check";
import { SEALED_KINDS, type SealedKind } from "../../../../../src/storage/sealing-key.ts";
import type { StoredSecret } from "../../../../../src/storage/secrets.ts";
import type { Store } from "../../../../../src/storage/store.ts";
import { bytes, text } from "../../../../support/factory.ts";
import type { Sealed } from "../sealed.ts";
import type { World } from "../world.ts";
import { KEY_ID } from "./beside.ts";
import { type Command, command, pick } from "./command.ts";

const NAME = fc.constantFrom("core/admin", "edge", "lab");
const KEY = fc.constantFrom(KEY_ID, "key-2", "key-3");

/** Named credentials, and what becomes of all that is sealed when the key is changed. */
export const SEALED: Command[] = [
  command(
    "putSecret",
    7,
    {
      name: NAME,
      version: fc.nat(99),
      fields: fc.subarray(["username", "password", "secret"]),
      devices: fc.option(fc.subarray(["10.0.0.0/8", "*.lab"], { minLength: 1 })),
      ifAbsent: fc.boolean(),
    },
    async (world, { name, version, fields, devices, ifAbsent }) => {
      const sealed = bytes(`sealed ${name} ${version}`);
      const secret: StoredSecret = { name, sealed, fields, devices, changedAt: world.now };
      const expected = world.secrets.put(secret, ifAbsent);
      expect(await world.store.putSecret({ secret, ifAbsent })).toBe(expected);
    },
  ),

  command("getSecret", 1, { name: NAME }, async (world, { name }) => {
    expect(plain(await world.store.getSecret({ name }))).toEqual(plain(world.secrets.get(name)));
  }),

  command(
    "listSecrets",
    1,
    { limit: fc.integer({ min: 1, max: 3 }), after: fc.option(NAME) },
    async (world, { limit, after }) => {
      const all = world.secrets.list().filter(({ name }) => after === null || name > after);
      const page = all.slice(0, limit);
      const next = all.length > limit ? (page.at(-1)?.name ?? null) : null;
      const answer = await world.store.listSecrets({ limit, ...(after !== null && { after }) });
      expect({ ...answer, secrets: answer.secrets.map(plain) }).toEqual({ secrets: page.map(plain), next });
    },
  ),

  command("forgetSecret", 1, { name: NAME }, async (world, { name }) => {
    expect(await world.store.forgetSecret({ name })).toBe(world.secrets.forget(name));
  }),

  command("changeSealingKey", 6, { other: fc.option(KEY), to: KEY }, async (world, { other, to }) => {
    const from = other ?? world.sealingKeys.shown.current ?? KEY_ID;
    if (from === to) return;
    expect(await world.store.changeSealingKey({ from, to })).toBe(world.sealingKeys.change(from, to));
  }),

  command("endKeyChange", 1, { current: KEY }, async (world, { current }) => {
    world.sealingKeys.end(current);
    await world.store.endKeyChange({ current });
  }),

  command(
    "listSealed",
    4,
    { kind: fc.constantFrom(...SEALED_KINDS), limit: fc.integer({ min: 1, max: 3 }) },
    async (world, { kind, limit }) => {
      expectSealed(world, kind, await everythingSealed(world.store, kind, limit));
    },
  ),

  command(
    "reseal",
    6,
    {
      kind: fc.constantFrom(...SEALED_KINDS),
      which: fc.array(fc.record({ n: fc.nat(9), stale: fc.nat(4) }), { minLength: 1, maxLength: 4 }),
    },
    async (world, { kind, which }) => {
      const all = world.sealed(kind);
      const drawn = which.map(({ n, stale }) => {
        const item = pick(all, n) ?? { id: "unknown", sealed: "nothing" };
        // Changed since it was read, or erased meanwhile.
        const sealed = stale === 0 ? turned(item.sealed) : item.sealed;
        return { id: stale === 1 ? "gone" : item.id, sealed, resealed: turned(sealed) };
      });
      const items = [...new Map(drawn.map((item) => [item.id, item])).values()];
      const count = items.filter(({ id, sealed, resealed }) =>
        world.reseal(kind, id, sealed, resealed),
      ).length;
      const call = items.map(({ id, sealed, resealed }) => ({
        id,
        sealed: bytes(sealed),
        resealed: bytes(resealed),
      }));
      expect(await world.store.reseal({ kind, items: call })).toEqual({ count });
      await world.checkSealed([kind]);
    },
  ),
];

/** As long, and another one. */
function turned(sealed: string): string {
  const code = sealed.charCodeAt(0);
  return String.fromCharCode(code === 122 ? 97 : code + 1) + sealed.slice(1);
}

/** By id. */
export async function everythingSealed(
  store: Pick<Store, "listSealed">,
  kind: SealedKind,
  limit: number,
): Promise<Sealed[]> {
  const all = new Map<string, string>();
  let after: string | null = null;
  do {
    const page: Awaited<ReturnType<Store["listSealed"]>> = await store.listSealed({
      kind,
      limit,
      ...(after !== null && { after }),
    });
    for (const { id, sealed } of page.items) all.set(id, text(sealed));
    after = page.next;
  } while (after !== null);
  return [...all].map(([id, sealed]) => ({ id, sealed })).toSorted(byId);
}

/** A task whose time is over is nobody's any more: whether it is listed is open. */
export function expectSealed(world: World, kind: SealedKind, found: Sealed[]): void {
  const over = kind === "tasks" ? world.tasks.over(Date.now()) : new Set<string>();
  const open = (all: Sealed[]) => all.filter(({ id }) => !over.has(id));
  expect({ kind, sealed: open(found) }).toEqual({ kind, sealed: open(world.sealed(kind)).toSorted(byId) });
}

function byId(a: Sealed, b: Sealed): number {
  return a.id < b.id ? -1 : 1;
}

function plain(secret: StoredSecret | null) {
  return secret && { ...secret, sealed: text(secret.sealed) };
}
