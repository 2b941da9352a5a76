import type { CallOptions, Http } from "./http.ts";
import type { ParseRequest, RenderRequest } from "./types.ts";

/** `/template`. */
export class Templates {
  readonly #http: Http;

  constructor(http: Http) {
    this.#http = http;
  }

  /** The text that a template makes of its context. */
  render(request: RenderRequest, options?: CallOptions): Promise<string> {
    return this.#http.post({ path: "/template/render", body: request, repeatable: true }, options);
  }

  /** What a template makes of a device's output. */
  parse(request: ParseRequest, options?: CallOptions): Promise<unknown> {
    return this.#http.post({ path: "/template/parse", body: request, repeatable: true }, options);
  }
}
