import { expect } from "bun:test";
import fc from "fast-check";
import { type HostKeyFilter, hostKeyPlace } from "../../../../../src/storage/host-keys.ts";
import { type Command, choose, command, pick } from "./command.ts";

/** Of the key that every sequence begins with. */
export const KEY_ID = "key-1";

const SITES = [null, "berlin"];
const HOSTS = ["10.0.0.1", "r1"];
const PORTS = [22, 2222];

const PLACE = {
  site: fc.constantFrom(...SITES),
  host: fc.constantFrom(...HOSTS),
  port: fc.constantFrom(...PORTS),
};

/** What is kept beside the queue: it meets the jobs nowhere, and must bear that they come and go. */
export const BESIDE: Command[] = [
  command(
    "checkHostKey",
    2,
    { ...PLACE, algorithm: fc.nat(1), fingerprint: fc.nat(1), record: fc.boolean() },
    async (world, { algorithm, fingerprint, ...place }) => {
      const key = {
        ...place,
        algorithm: choose(["ssh-ed25519", "ssh-rsa"], algorithm),
        fingerprint: `SHA256:${fingerprint}`,
        now: world.now,
      };
      expect(await world.store.checkHostKey(key)).toBe(world.hostKeys.check(key));
    },
  ),

  command("forgetHostKey", 1, PLACE, async (world, place) => {
    expect(await world.store.forgetHostKey(place)).toBe(world.hostKeys.forget(place));
  }),

  command(
    "listHostKeys",
    1,
    {
      by: fc.record(PLACE, { requiredKeys: [] }),
      limit: fc.integer({ min: 1, max: 3 }),
      after: fc.option(fc.nat(7)),
    },
    async (world, { by, limit, after: n }) => {
      // Safe: what is not drawn is absent.
      const filter = by as HostKeyFilter;
      const all = world.hostKeys.list(filter);
      const before = n === null ? undefined : pick(all, n);
      const rest = before ? all.slice(all.indexOf(before) + 1) : all;
      const keys = rest.slice(0, limit);
      const last = keys.at(-1);
      const next = rest.length > limit && last ? hostKeyPlace(last) : null;
      const call = { filter, limit, ...(before && { after: hostKeyPlace(before) }) };
      expect(await world.store.listHostKeys(call)).toEqual({ keys, next });
    },
  ),

  command("checkSealingKey", 1, { other: fc.boolean() }, async (world, { other }) => {
    const keyId = other ? "key-2" : KEY_ID;
    expect(await world.store.checkSealingKey({ keyId })).toBe(world.sealingKeys.check(keyId));
  }),

  command("ping", 1, {}, async (world) => {
    expect((await world.store.ping()).latencyMs).toBeGreaterThanOrEqual(0);
  }),
];
