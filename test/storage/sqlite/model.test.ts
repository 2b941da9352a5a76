import { describe, expect, test } from "bun:test";
import type { Store } from "../../../src/storage/store.ts";
import type { Fixture } from "../../conformance/storage/fixture.ts";
import { checkAgainstModel } from "../../conformance/storage/model.ts";
import { setupOf } from "../../conformance/storage/setup.ts";
import { sqliteBackend } from "./backend.ts";

/** What a store would do that has the fault. */
const FAULTS: [fault: string, of: (store: Store) => Partial<Store>][] = [
  [
    "a delivery that counts as made twice",
    (store) => ({
      async settleDelivery(params) {
        const outcome = await store.settleDelivery(params);
        return outcome === "already" ? "ok" : outcome;
      },
    }),
  ],
  [
    "a dead letter that goes with its job at once",
    (store) => ({
      settleDelivery: (params) =>
        store.settleDelivery(
          params.outcome.kind === "dead" ? { ...params, outcome: { kind: "delivered" } } : params,
        ),
    }),
  ],
  [
    "a replay that goes where the first delivery went",
    (store) => ({ replayDelivery: ({ webhook: _, ...params }) => store.replayDelivery(params) }),
  ],
  [
    "a receiver that gets more at once than it should",
    (store) => ({ claimDeliveries: (params) => store.claimDeliveries({ ...params, perTarget: 10 }) }),
  ],
  [
    "deliveries of all states in the list of one",
    (store) => ({ listDeliveries: ({ state: _, ...params }) => store.listDeliveries(params) }),
  ],
  [
    "a credential that takes the place of one that was to stay",
    (store) => ({ putSecret: ({ secret }) => store.putSecret({ secret }) }),
  ],
  ["what is sealed anew in words alone", () => ({ reseal: async ({ items }) => ({ count: items.length }) })],
  [
    "what is sealed and is not on the first page",
    (store) => ({ listSealed: async (params) => ({ ...(await store.listSealed(params)), next: null }) }),
  ],
  [
    "a change of the key that does not wait for the one before",
    (store) => ({
      async changeSealingKey(params) {
        await store.endKeyChange({ current: params.from });
        return await store.changeSealingKey(params);
      },
    }),
  ],
];

function faulty(store: Store, fault: Partial<Store>): Store {
  return new Proxy(store, {
    get(target, name) {
      const own = Reflect.get(fault, name) ?? Reflect.get(target, name);
      return typeof own === "function" ? own.bind(target) : own;
    },
  });
}

describe("the model of the stores finds", () => {
  const setup = setupOf(sqliteBackend);

  test.each(FAULTS)(
    "%s",
    async (_, of) => {
      const withFault = async (): Promise<Fixture> => {
        const fixture = await setup();
        const { storage, connect } = fixture;
        return {
          ...fixture,
          storage: faulty(storage, of(storage)),
          async connect(options) {
            const other = await connect(options);
            return faulty(other, of(other));
          },
        };
      };
      const found = checkAgainstModel(withFault, {
        runs: 400,
        steps: 100,
        limitMs: 100_000,
        seed: 1,
        shrinks: false,
      });
      await expect(found).rejects.toThrow("Property failed");
    },
    120_000,
  );
});
