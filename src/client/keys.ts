import type { CallOptions, Http } from "./http.ts";
import type { OwnKey } from "./types.ts";

/** `/key`. */
export class Keys {
  readonly #http: Http;

  constructor(http: Http) {
    this.#http = http;
  }

  /** What the client's own key may do. */
  own(options?: CallOptions): Promise<OwnKey> {
    return this.#http.get("/key", {}, options);
  }
}
