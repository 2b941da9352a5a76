import { at, type CallOptions, entries, type Http } from "./http.ts";
import type { Delivery, DeliveryFilter, Page, Paging, ReplayRequest } from "./types.ts";

/** `/webhook/deliveries`: who was told of jobs' ends. */
export class Deliveries {
  readonly #http: Http;

  constructor(http: Http) {
    this.#http = http;
  }

  /** By its id, or by its job's. */
  get(id: string, options?: CallOptions): Promise<Delivery> {
    return this.#http.get(at`/webhook/deliveries/${id}`, {}, options);
  }

  list(filter: DeliveryFilter & Paging = {}, options?: CallOptions): Promise<Page<Delivery>> {
    return this.#http.page("/webhook/deliveries", filter, options);
  }

  /** All that match, read page by page. */
  all(filter: DeliveryFilter = {}, options?: CallOptions): AsyncGenerator<Delivery, void> {
    return entries((paging) => this.list({ ...filter, ...paging }, options));
  }

  /** One that came to rest; one that was delivered needs its webhook once more. */
  replay(id: string, request: ReplayRequest = {}, options?: CallOptions): Promise<Delivery> {
    const path = at`/webhook/deliveries/${id}/replay`;
    return this.#http.post({ path, body: request, repeatable: false }, options);
  }
}
