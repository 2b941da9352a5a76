import type { Clock } from "../../core/clock.ts";
import type { CredentialFields, CredentialRef } from "../../core/credential.ts";
import { ReadCache } from "../cache.ts";
import { CredentialFault, type CredentialProvider, fieldsOf } from "../provider.ts";
import { VaultClient } from "./client.ts";
import { encoded, faultOf, isObject, partOf, type VaultLogin, VaultTokens } from "./login.ts";
import { pathJudge } from "./paths.ts";

export interface VaultOptions {
  addr: string;
  login: VaultLogin;
  namespace: string | null;
  /** Where the KV engine is, unless a reference says. */
  mount: string;
  /** `mount/path`, `*` for any characters; null: whatever the token may read. */
  allowedPaths: readonly string[] | null;
  cacheTtlMs: number;
  timeoutMs: number;
  ca: string | null;
  clock: Clock;
  onFault(message: string): void;
}

/** HashiCorp Vault's KV engine, version 2. */
export function vaultCredentials(options: VaultOptions): CredentialProvider {
  const client = new VaultClient(options);
  const tokens = new VaultTokens({ ...options, client });
  const cache = new ReadCache<CredentialFields>(options.clock, options.cacheTtlMs);
  const allowed = pathJudge(options.allowedPaths);

  /** Shared by all who wait for it, so no one job's end ends it: the client's own time limit does. */
  async function fetched(place: Place): Promise<CredentialFields> {
    const token = await tokens.get();
    const answer = await ask(place, token);
    if (answer.status !== 403 || !tokens.refused(token)) return read(place, answer);
    return read(place, await ask(place, await tokens.get()));
  }

  function ask({ namespace, mount, path, version }: Place, token: string) {
    const query = version === null ? "" : `?version=${version}`;
    return client.call({
      method: "GET",
      path: `${encoded(mount)}/data/${encoded(path)}${query}`,
      namespace,
      token,
    });
  }

  function placeOf({ ref, mount, namespace, version }: CredentialRef): Place {
    return {
      namespace: namespaceOf(options.namespace, namespace),
      mount: mount ?? options.mount,
      path: ref,
      version: version ?? null,
    };
  }

  return {
    name: "vault_kv",
    async read({ ref, signal }) {
      const place = placeOf(ref);
      if (!allowed(`${place.mount}/${place.path}`))
        throw new CredentialFault("denied", "is not among credentials.vault.allowed_paths");
      const fields = cache.get(keyOf(place), () => fetched(place));
      return await unlessAborted(fields, signal);
    },
    forget(ref) {
      cache.forget(keyOf(placeOf(ref)));
    },
    stop() {
      tokens.stop();
    },
  };
}

interface Place {
  namespace: string | null;
  mount: string;
  path: string;
  version: number | null;
}

function keyOf({ namespace, mount, path, version }: Place): string {
  return JSON.stringify([namespace, mount, path, version]);
}

/** A token of a namespace is of use below it, nowhere else. */
function namespaceOf(ours: string | null, wanted: string | undefined): string | null {
  if (wanted === undefined) return ours;
  if (ours !== null && wanted !== ours && !wanted.startsWith(`${ours}/`))
    throw new CredentialFault(
      "denied",
      "is not in the namespace of credentials.vault.namespace, nor below it",
    );
  return wanted;
}

function read({ version }: Place, answer: { status: number; body: unknown }): CredentialFields {
  const { status, body } = answer;
  const { data, metadata } = partOf(body, "data");
  if (status === 200 && isObject(data)) return fieldsOf(data);
  if (status === 404) {
    // A version that was deleted is answered with 404, too, with what is left to say of it.
    const what = isObject(metadata)
      ? "was deleted"
      : version === null
        ? "is not in Vault"
        : "is not in Vault, or has no such version";
    throw new CredentialFault("not_found", what);
  }
  if (status === 200) throw new CredentialFault("unusable", "is not in a KV engine of version 2");
  throw faultOf(answer, "the token may not read it");
}

async function unlessAborted<T>(reading: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  const aborted = Promise.withResolvers<never>();
  const abort = () => aborted.reject(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  try {
    return await Promise.race([reading, aborted.promise]);
  } finally {
    signal.removeEventListener("abort", abort);
    reading.catch(() => {}); // nobody waits for it any more
  }
}
