import type { WebhookTerms } from "../../src/engine/webhooks.ts";
import type { DeliveryStore } from "../../src/storage/deliveries.ts";

/** Nothing that is not public, and one retry after a second. */
export const WEBHOOKS: WebhookTerms = { hosts: ["*"], networks: [], maxRetries: 1, retryIntervals: [1] };

/** For what has nothing to do with webhooks. */
export const NO_DELIVERIES: DeliveryStore = {
  claimDeliveries: async () => ({ claims: [], nextInMs: null }),
  settleDelivery: async () => "lost",
  countDeliveries: async () => ({ pending: 0, dead: 0, firstDueAt: null }),
  getDelivery: async () => null,
  listDeliveries: async () => ({ deliveries: [], next: null }),
  replayDelivery: async () => "unknown",
};
