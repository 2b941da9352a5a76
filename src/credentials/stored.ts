import { deviceJudge } from "../core/device-rules.ts";
import { StorageError } from "../core/errors.ts";
import { type SecretStore, secretBinding } from "../storage/secrets.ts";
import { CredentialFault, type CredentialProvider, fieldsOf } from "./provider.ts";

export interface StoredCredentialsDeps {
  secrets: Pick<SecretStore, "getSecret">;
  /** Opens what was sealed with the binding given. */
  open(binding: string, sealed: Uint8Array): Uint8Array;
}

const decoder = new TextDecoder();

/** Credentials that `netpulse secrets` has sealed in the store. */
export function storedCredentials({ secrets, open }: StoredCredentialsDeps): CredentialProvider {
  return {
    name: "store",
    async read({ ref: { ref: name }, devices }) {
      const secret = await secrets.getSecret({ name }).catch((error: unknown) => {
        if (!(error instanceof StorageError)) throw error;
        throw new CredentialFault("unavailable", "could not be read: the store does not answer", {
          cause: error,
        });
      });
      if (secret === null)
        throw new CredentialFault("not_found", "is not in the store; see netpulse secrets list");
      const judge = deviceJudge({ allow: secret.devices, deny: [] });
      if (devices.some((device) => judge(device) !== null))
        throw new CredentialFault(
          "denied",
          "is not for this device, or not for a jump host on the way to it",
        );
      return fieldsOf(JSON.parse(decoder.decode(unsealed(name, secret.sealed))));
    },
  };

  function unsealed(name: string, sealed: Uint8Array): Uint8Array {
    try {
      return open(secretBinding(name), sealed);
    } catch (error) {
      throw new CredentialFault("unusable", "does not open with this node's key", { cause: error });
    }
  }
}
