import { type CredentialFields, type CredentialRef, describeCredential } from "../core/credential.ts";
import { DeviceError } from "../core/errors.ts";
import { CredentialFault, type CredentialProvider, type CredentialWish } from "./provider.ts";

/** What a job gets: the fields, and the reference that had them. */
export interface FoundCredential {
  ref: CredentialRef;
  fields: CredentialFields;
}

/** The credentials of a node's jobs. */
export interface CredentialResolver {
  /** The first of the references that can be read. Rejects with a `DeviceError` that names each, and what is wrong with it. */
  resolve(refs: readonly CredentialRef[], wish: Omit<CredentialWish, "ref">): Promise<FoundCredential>;
  /** A device has refused what the reference had. */
  refused(ref: CredentialRef): void;
  stop(): void;
}

export interface ChainOptions {
  providers: readonly CredentialProvider[];
  /** For references that name no place. */
  chain: readonly string[];
  /** Told of places that fail though a later one served, with no more than their errors say. */
  onFault(message: string): void;
}

export function credentialChain({ providers, chain, onFault }: ChainOptions): CredentialResolver {
  const byName = new Map<string, CredentialProvider>(providers.map((each) => [each.name, each]));

  function* candidates(refs: readonly CredentialRef[]): Generator<CredentialRef & { name: string }> {
    for (const ref of refs) {
      for (const name of ref.name === null ? chain : [ref.name]) yield { ...ref, name };
    }
  }

  return {
    async resolve(refs, wish) {
      const faults: [CredentialRef, CredentialFault][] = [];
      for (const ref of candidates(refs)) {
        wish.signal.throwIfAborted();
        try {
          const provider = byName.get(ref.name);
          if (provider === undefined) throw notSetUp(ref.name);
          const fields = await provider.read({ ...wish, ref });
          if (faults.length > 0) onFault(inWords(faults));
          return { ref, fields };
        } catch (error) {
          wish.signal.throwIfAborted();
          if (!(error instanceof CredentialFault)) throw error;
          faults.push([ref, error]);
        }
      }
      throw credentialError(faults);
    },
    refused(ref) {
      for (const each of candidates([ref])) byName.get(each.name)?.forget?.(each);
    },
    stop() {
      for (const provider of providers) provider.stop?.();
    },
  };
}

function notSetUp(name: string): CredentialFault {
  const way =
    name === "vault_kv"
      ? "set credentials.vault.addr"
      : name === "file"
        ? "set credentials.dir"
        : "there is no such place";
  return new CredentialFault("not_found", `is kept where this node does not look: ${way}`);
}

/** Worth another try where one of the places was away. */
function credentialError(faults: readonly [CredentialRef, CredentialFault][]): DeviceError {
  const retryable = faults.some(([, { kind }]) => kind === "unavailable");
  const message =
    faults.length > 0 ? inWords(faults) : "credentials.chain of this node names no place to look at";
  return new DeviceError("CredentialError", message, { retryable });
}

function inWords(faults: readonly [CredentialRef, CredentialFault][]): string {
  return faults
    .map(([ref, { message }]) => `the credential ${describeCredential(ref)} ${message}`)
    .join("; ");
}
