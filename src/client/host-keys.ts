import { type CallOptions, entries, type Http } from "./http.ts";
import type { HostAddress, HostKey, HostKeyFilter, HostKeyTarget, Page, Paging } from "./types.ts";

/** `/hostkeys`. */
export class HostKeys {
  readonly #http: Http;

  constructor(http: Http) {
    this.#http = http;
  }

  list(filter: HostKeyFilter & Paging = {}, options?: CallOptions): Promise<Page<HostKey>> {
    return this.#http.page("/hostkeys", filter, options);
  }

  /** All that match, read page by page. */
  all(filter: HostKeyFilter = {}, options?: CallOptions): AsyncGenerator<HostKey, void> {
    return entries((paging) => this.list({ ...filter, ...paging }, options));
  }

  /** That of a device which was replaced: its next one is taken as its first. */
  async forget(target: HostKeyTarget, options?: CallOptions): Promise<HostAddress> {
    return (await this.#http.delete<HostAddress>("/hostkeys", target, options)).data;
  }
}
