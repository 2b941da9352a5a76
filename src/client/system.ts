import { isDown } from "./answer.ts";
import { Unavailable } from "./errors.ts";
import type { CallOptions, Http } from "./http.ts";
import type { Health } from "./types.ts";

/** Not tried again: that something is down is the answer. */
const ONCE = { retryForMs: 0 };

/** How the service is. */
export class System {
  readonly #http: Http;

  constructor(http: Http) {
    this.#http = http;
  }

  /** One line for each thing that is down; empty when all is well. */
  async down(options: CallOptions = {}): Promise<string[]> {
    try {
      await this.#http.get("/health", {}, { ...ONCE, ...options });
      return [];
    } catch (error) {
      if (isDown(error)) return error.data as string[];
      throw error;
    }
  }

  /** Each part of it, also when something is down. */
  async health(options: CallOptions = {}): Promise<Health> {
    try {
      return await this.#http.get("/health", { verbose: true }, { ...ONCE, ...options });
    } catch (error) {
      if (isDown(error)) return error.data as Health;
      throw error;
    }
  }

  /** For Prometheus, as text. */
  metrics(options?: CallOptions): Promise<string> {
    return this.#http.getText("/metrics", options);
  }

  /** Whether the process answers; needs no key. */
  async live(options: CallOptions = {}): Promise<boolean> {
    return (await this.#http.get("/livez", {}, { ...ONCE, ...options })) === "ok";
  }

  /** Whether it should get requests; needs no key. */
  async ready(options: CallOptions = {}): Promise<boolean> {
    try {
      return (await this.#http.get("/readyz", {}, { ...ONCE, ...options })) === "ok";
    } catch (error) {
      if (error instanceof Unavailable) return false;
      throw error;
    }
  }

  /** The API's OpenAPI document; needs no key. */
  document(options?: CallOptions): Promise<string> {
    return this.#http.getText("/swagger/json", options);
  }
}
