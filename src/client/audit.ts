import { type CallOptions, entries, type Http } from "./http.ts";
import type { AuditEntry, AuditFilter, Page, Paging } from "./types.ts";

/** `/audit`. */
export class Audit {
  readonly #http: Http;

  constructor(http: Http) {
    this.#http = http;
  }

  /** Who has done what, newest first. */
  list(filter: AuditFilter & Paging = {}, options?: CallOptions): Promise<Page<AuditEntry>> {
    return this.#http.page("/audit", filter, options);
  }

  /** All that match, read page by page. */
  all(filter: AuditFilter = {}, options?: CallOptions): AsyncGenerator<AuditEntry, void> {
    return entries((paging) => this.list({ ...filter, ...paging }, options));
  }
}
