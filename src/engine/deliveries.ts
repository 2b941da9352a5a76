import { RequestError } from "../core/errors.ts";
import { DELIVERY_ID, type DeliveryState, jobOfDelivery } from "../core/webhook.ts";
import type { Delivery, DeliveryStore } from "../storage/deliveries.ts";
import { checkWebhook, newWebhook, type SealWebhook, type WebhookRequest } from "./webhooks.ts";

export interface DeliveriesDeps extends SealWebhook {
  deliveries: DeliveryStore;
}

/** What was told of jobs' ends, and to whom. */
export interface Deliveries {
  list(params: { state?: DeliveryState; limit: number; after?: string }): Promise<{
    deliveries: Delivery[];
    next: string | null;
  }>;
  /** Throws `RequestError` (`not_found`). */
  get(id: string): Promise<Delivery>;
  /**
   * Sends one again that came to rest: a dead one where it went before, or any to the receiver of `webhook`. Throws
   * `RequestError`: `not_found`, `conflict` while it is pending, or when it was delivered and no webhook is given.
   */
  replay(id: string, webhook: WebhookRequest | null): Promise<Delivery>;
}

export function jobDeliveries(deps: DeliveriesDeps): Deliveries {
  const { deliveries, webhooks } = deps;

  async function get(id: string): Promise<Delivery> {
    const found = DELIVERY_ID.test(id) ? await deliveries.getDelivery({ jobId: jobOfDelivery(id) }) : null;
    if (found === null) throw unknown();
    return found;
  }

  return {
    list: (params) => deliveries.listDeliveries(params),
    get,
    async replay(id, webhook) {
      if (!DELIVERY_ID.test(id)) throw unknown();
      const wrong = webhook === null ? [] : checkWebhook(webhooks, webhook);
      if (wrong.length > 0) throw new RequestError("invalid", "the webhook is wrong", wrong);
      const jobId = jobOfDelivery(id);
      const anew = webhook === null ? {} : { webhook: newWebhook(deps, jobId, webhook) };
      switch (await deliveries.replayDelivery({ jobId, ...anew })) {
        case "unknown":
          throw unknown();
        case "pending":
          throw new RequestError(
            "conflict",
            "the delivery is still on its way; only one that came to rest is sent again",
          );
        case "erased":
          throw new RequestError(
            "conflict",
            "the delivery was made, and what it took to send it was erased; give the webhook once more in the body",
          );
        case "replayed":
          return await get(id);
      }
    },
  };
}

function unknown(): RequestError {
  return new RequestError(
    "not_found",
    "no such delivery; one is known from the end of a job with a webhook until the job is forgotten",
  );
}
