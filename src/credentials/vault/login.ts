import type { Clock, Timer } from "../../core/clock.ts";
import { CredentialFault } from "../provider.ts";
import type { VaultAnswer, VaultClient } from "./client.ts";

/** How a node proves to Vault who it is. */
export type VaultLogin =
  | { kind: "token"; token: string }
  | { kind: "approle"; roleId: string; secretId: string; mount: string };

export interface VaultTokensDeps {
  client: VaultClient;
  clock: Clock;
  login: VaultLogin;
  namespace: string | null;
  /** A token could not be renewed, and no other be had; in words, without it. */
  onFault(message: string): void;
}

/** Of a token's time, what passes until it is renewed. */
const SHARE = 2 / 3;
/** Between attempts to renew, ms. */
const PAUSE_MS = 10_000;
/** Tokens are looked after at least so often, ms: a timer has its limits. */
const LONGEST_MS = 86_400_000;

/** The token that reads: had by the first who needs it, and renewed before its time is over. */
export class VaultTokens {
  readonly #deps: VaultTokensDeps;
  #token: string | null = null;
  #getting: Promise<string> | null = null;
  #timer: Timer | null = null;
  /** Monotonic ms; the token is of no use from then on. */
  #until = Number.POSITIVE_INFINITY;
  #stopped = false;

  constructor(deps: VaultTokensDeps) {
    this.#deps = deps;
  }

  async get(): Promise<string> {
    if (this.#token !== null && this.#deps.clock.monotonic() < this.#until) return this.#token;
    this.#getting ??= this.#begin().finally(() => {
      this.#getting = null;
    });
    return await this.#getting;
  }

  /** Vault does not take this one any more. Answers whether another can be had. */
  refused(token: string): boolean {
    if (this.#token === token) this.#token = null;
    return this.#deps.login.kind === "approle";
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
  }

  async #begin(): Promise<string> {
    const { login } = this.#deps;
    if (login.kind === "approle") return await this.#logIn(login);
    if (this.#token === null) await this.#lookUp(login.token);
    this.#token = login.token;
    return login.token;
  }

  async #logIn({ roleId, secretId, mount }: VaultLogin & { kind: "approle" }): Promise<string> {
    const answer = await this.#call("POST", `auth/${encoded(mount)}/login`, null, {
      role_id: roleId,
      secret_id: secretId,
    });
    const auth = partOf(answer.body, "auth");
    if (answer.status !== 200 || typeof auth.client_token !== "string")
      throw faultOf(answer, "the AppRole login was refused; see credentials.vault.role_id and secret_id");
    this.#hold(auth.client_token, Number(auth.lease_duration), auth.renewable === true);
    return auth.client_token;
  }

  /** How long a token that was given lasts. One that may not look at itself is taken as it is. */
  async #lookUp(token: string): Promise<void> {
    const answer = await this.#call("GET", "auth/token/lookup-self", token);
    if (answer.status !== 200) {
      if (answer.status >= 500 || answer.status === 429) throw faultOf(answer, "");
      return;
    }
    const data = partOf(answer.body, "data");
    this.#hold(token, Number(data.ttl), data.renewable === true);
  }

  #hold(token: string, seconds: number, renewable: boolean): void {
    this.#token = token;
    this.#timer?.cancel();
    // A root token, and one that never ends, has no time.
    const ends = Number.isFinite(seconds) && seconds > 0;
    const { clock, login } = this.#deps;
    this.#until =
      ends && login.kind === "approle" ? clock.monotonic() + seconds * 1000 : Number.POSITIVE_INFINITY;
    if (ends && renewable) this.#renewIn(Math.min(seconds * 1000 * SHARE, LONGEST_MS), token);
  }

  #renewIn(ms: number, token: string): void {
    if (this.#stopped) return;
    this.#timer = this.#deps.clock.after(ms, () => void this.#renew(token));
  }

  async #renew(token: string): Promise<void> {
    if (this.#token !== token || this.#stopped) return;
    try {
      const answer = await this.#call("POST", "auth/token/renew-self", token, {});
      const auth = partOf(answer.body, "auth");
      if (answer.status === 200)
        return this.#hold(token, Number(auth.lease_duration), auth.renewable === true);
      if (answer.status !== 403 && answer.status !== 400) throw faultOf(answer, "");
      // It is over, or has come to its longest life: whoever reads next logs in anew.
      if (!this.refused(token))
        this.#deps.onFault("the token of credentials.vault.token is not renewed any more");
    } catch (error) {
      if (!(error instanceof CredentialFault)) throw error;
      this.#deps.onFault(`a Vault token was not renewed: it ${error.message}`);
      this.#renewIn(PAUSE_MS, token);
    }
  }

  #call(method: "GET" | "POST", path: string, token: string | null, body?: object): Promise<VaultAnswer> {
    const { client, namespace } = this.#deps;
    return client.call({ method, path, token, namespace, ...(body && { body }) });
  }
}

/** A path, its parts as a URL has them. */
export function encoded(path: string): string {
  return path
    .split("/")
    .filter((part) => part !== "")
    .map(encodeURIComponent)
    .join("/");
}

export function partOf(body: unknown, name: string): Record<string, unknown> {
  const part = isObject(body) ? body[name] : null;
  return isObject(part) ? part : {};
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What an answer without success means. Vault's own words are left out: they may repeat what was sent. */
export function faultOf({ status }: VaultAnswer, denial: string): CredentialFault {
  if (status === 503)
    return new CredentialFault("unavailable", "could not be read: Vault is sealed, or not ready (503)");
  if (status === 429 || status >= 500)
    return new CredentialFault("unavailable", `could not be read: Vault answers with ${status}`);
  return new CredentialFault("denied", `could not be read: ${denial} (Vault answers with ${status})`);
}
