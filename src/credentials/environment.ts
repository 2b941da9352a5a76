import { CredentialFault, type CredentialProvider, fieldsOf } from "./provider.ts";

/** Before the name of a variable that holds a field. */
const PREFIX = "NETPULSE_CREDENTIAL_";

/**
 * Credentials in the node's environment: `core/admin` has its password in `NETPULSE_CREDENTIAL_CORE_ADMIN__PASSWORD`.
 * Session hosts do not inherit it.
 */
export function environmentCredentials(
  env: Readonly<Record<string, string | undefined>>,
): CredentialProvider {
  return {
    name: "env",
    async read({ ref: { ref } }) {
      const prefix = `${variableOf(ref)}__`;
      const found = Object.entries(env).filter(([name]) => name.startsWith(prefix));
      if (found.length === 0)
        throw new CredentialFault("not_found", `is not set: no variable begins with ${prefix}`);
      return fieldsOf(
        Object.fromEntries(found.map(([name, text]) => [name.slice(prefix.length).toLowerCase(), text])),
      );
    },
  };
}

function variableOf(ref: string): string {
  return PREFIX + ref.replaceAll(/[^A-Za-z0-9]+/g, "_").toUpperCase();
}
