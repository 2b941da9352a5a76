import type { Clock } from "../../core/clock.ts";
import { CredentialFault } from "../provider.ts";

export interface VaultClientOptions {
  /** `https://vault.example.net:8200`. */
  addr: string;
  timeoutMs: number;
  /** PEM of the authorities that its certificate is checked against; null: the well-known ones. */
  ca: string | null;
  clock: Clock;
}

export interface VaultCall {
  method: "GET" | "POST";
  /** Below `/v1/`, its parts encoded. */
  path: string;
  namespace: string | null;
  token: string | null;
  body?: object;
  signal?: AbortSignal;
}

export interface VaultAnswer {
  status: number;
  /** What of it is JSON; null where it is none. */
  body: unknown;
}

/** Largest answer, bytes. Vault's own limit for a request is 32 MiB; a login has some hundred. */
const MAX_ANSWER = 1024 * 1024;

/** Vault's HTTP API, as far as it takes a connection, a time limit and a bounded answer. */
export class VaultClient {
  readonly #options: VaultClientOptions;

  constructor(options: VaultClientOptions) {
    this.#options = options;
  }

  /** Rejects with `CredentialFault` (`unavailable`) where there is no answer. */
  async call(call: VaultCall): Promise<VaultAnswer> {
    const { clock, timeoutMs } = this.#options;
    const late = new AbortController();
    const timer = clock.after(timeoutMs, () => late.abort());
    try {
      return await this.#send(call, AbortSignal.any([late.signal, ...(call.signal ? [call.signal] : [])]));
    } catch (error) {
      call.signal?.throwIfAborted();
      if (error instanceof CredentialFault) throw error;
      const why = late.signal.aborted
        ? `did not answer within ${timeoutMs / 1000} s`
        : `could not be reached (${codeOf(error)})`;
      throw new CredentialFault("unavailable", `could not be read: Vault ${why}`, { cause: error });
    } finally {
      timer.cancel();
    }
  }

  async #send(
    { method, path, namespace, token, body }: VaultCall,
    signal: AbortSignal,
  ): Promise<VaultAnswer> {
    const { addr, ca } = this.#options;
    const response = await fetch(`${addr.replace(/\/+$/, "")}/v1/${path}`, {
      method,
      signal,
      // A token goes nowhere but to the address that was configured.
      redirect: "manual",
      headers: {
        "X-Vault-Request": "true",
        ...(namespace !== null && { "X-Vault-Namespace": namespace }),
        ...(token !== null && { "X-Vault-Token": token }),
        ...(body !== undefined && { "Content-Type": "application/json" }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      ...(ca !== null && { tls: { ca } }),
    });
    if (response.status >= 300 && response.status < 400) {
      await response.body?.cancel();
      throw new CredentialFault(
        "unavailable",
        "could not be read: Vault answers with a redirect; name its active node, or a balancer, in credentials.vault.addr",
      );
    }
    return { status: response.status, body: parsed(await boundedText(response)) };
  }
}

async function boundedText(response: Response): Promise<string> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of response.body ?? []) {
    size += part.length;
    if (size > MAX_ANSWER) throw new CredentialFault("unusable", "is larger than 1 MiB");
    parts.push(part);
  }
  return Buffer.concat(parts).toString("utf8");
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "no connection";
}
