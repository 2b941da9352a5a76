import { expect } from "bun:test";
import fc from "fast-check";
import { FULL_ACCESS } from "../../../../../src/core/access.ts";
import type { AuditFilter, StoredAuditEntry } from "../../../../../src/storage/audit.ts";
import { SECOND } from "../../../../support/factory.ts";
import type { World } from "../world.ts";
import { type Command, command } from "./command.ts";

const NAME = fc.constantFrom("ann", "bob", "ci");
const KEY = fc.constantFrom("k1", "k2", "k3");

const ENTRY = fc.record({
  actor: NAME,
  action: fc.constantFrom("exec", "cancel"),
  outcome: fc.constantFrom("done" as const, "refused" as const),
  host: fc.constantFrom(null, "h1", "h2"),
  site: fc.constantFrom(null, "berlin"),
  job: fc.constantFrom(null, "job_1"),
  batch: fc.constantFrom(null, "batch_1"),
  detail: fc.constantFrom(null, "show version"),
});

/** Who may do what, and who did. */
export const ACCESS: Command[] = [
  command(
    "addKey",
    2,
    { name: NAME, id: KEY, expires: fc.option(fc.nat(90)), perMinute: fc.option(fc.nat(9)) },
    async (world, { name, id, expires, perMinute }) => {
      const expiresAt = expires === null ? null : world.now + expires * SECOND;
      const key = { ...FULL_ACCESS, name, id, hash: `of ${id}`, createdAt: world.now, expiresAt, perMinute };
      expect(await world.store.addKey({ key })).toBe(world.apiKeys.add(key));
    },
  ),

  command("findKey", 1, { id: KEY }, async (world, { id }) => {
    expect(await world.store.findKey({ id })).toEqual(world.apiKeys.find(id));
  }),

  command("revokeKey", 1, { name: NAME }, async (world, { name }) => {
    expect(await world.store.revokeKey({ name })).toBe(world.apiKeys.revoke(name));
  }),

  command(
    "listKeys",
    1,
    { limit: fc.integer({ min: 1, max: 3 }), after: fc.option(NAME) },
    async (world, { limit, after }) => {
      const all = world.apiKeys.list().filter(({ name }) => after === null || name > after);
      const keys = all.slice(0, limit);
      const next = all.length > limit ? (keys.at(-1)?.name ?? null) : null;
      const call = { limit, ...(after !== null && { after }) };
      expect(await world.store.listKeys(call)).toEqual({ keys, next });
    },
  ),

  command(
    "appendAudit",
    3,
    { entries: fc.array(ENTRY, { minLength: 1, maxLength: 3 }) },
    async (world, { entries }) => {
      world.audit.append(entries, world.now);
      await world.store.appendAudit({ entries, now: world.now });
    },
  ),

  command(
    "listAudit",
    2,
    {
      by: fc.record(
        { actor: NAME, action: fc.constantFrom("exec", "cancel"), host: fc.constantFrom("h1", "h2") },
        { requiredKeys: [] },
      ),
      ago: fc.option(fc.tuple(fc.nat(60), fc.nat(60))),
      limit: fc.integer({ min: 1, max: 4 }),
    },
    async (world, { by, ago, limit }) => {
      const [since = 0, until = 0] = ago ?? [];
      const between = { since: world.now - since * SECOND, until: world.now - until * SECOND };
      // Safe: what is not drawn is absent.
      const filter = { ...by, ...(ago && between) } as AuditFilter;
      expect(await allPages(world, filter, limit)).toEqual(world.audit.list(filter));
    },
  ),

  command(
    "pruneAudit",
    1,
    { ago: fc.nat(120), max: fc.integer({ min: 1, max: 4 }) },
    async (world, { ago, max }) => {
      const before = world.now - ago * SECOND;
      expect(await world.store.pruneAudit({ before, max })).toEqual({
        pruned: world.audit.prune(before, max),
      });
    },
  ),
];

/** What a page ends at is the store's own word, so that only all of them can be compared. */
async function allPages({ store }: World, filter: AuditFilter, limit: number): Promise<StoredAuditEntry[]> {
  const found: StoredAuditEntry[] = [];
  let after: string | null = null;
  do {
    const page: { entries: StoredAuditEntry[]; next: string | null } = await store.listAudit({
      filter,
      limit,
      ...(after !== null && { after }),
    });
    expect(page.entries.length).toBeLessThanOrEqual(limit);
    found.push(...page.entries);
    after = page.next;
  } while (after !== null);
  return found;
}
