import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { listOf } from "../config/kinds.ts";
import type { Config } from "../config/schema.ts";
import { StartupError } from "../core/errors.ts";
import { type CredentialResolver, credentialChain } from "../credentials/chain.ts";
import { environmentCredentials } from "../credentials/environment.ts";
import { fileCredentials } from "../credentials/files.ts";
import type { CredentialProvider } from "../credentials/provider.ts";
import { storedCredentials } from "../credentials/stored.ts";
import { vaultCredentials } from "../credentials/vault/index.ts";
import type { VaultLogin } from "../credentials/vault/login.ts";
import type { Base } from "./base.ts";

type Deps = Pick<Base, "config" | "env" | "log" | "clock" | "storage" | "sealer">;

/** Where this node's jobs have their credentials from. */
export function nodeCredentials(deps: Deps): CredentialResolver {
  const { config, env, log, storage, sealer } = deps;
  const { chain, dir, vault } = config.credentials;
  const providers: CredentialProvider[] = [
    environmentCredentials(env),
    storedCredentials({ secrets: storage, open: (binding, sealed) => sealer.open(binding, sealed) }),
  ];
  if (dir !== null) providers.push(fileCredentials(resolve(dir)));
  if (vault.addr !== null) providers.push(vaultOf(vault, vault.addr, deps));
  const known = new Set<string>(providers.map(({ name }) => name));
  return credentialChain({
    providers,
    chain: listOf(chain).filter((name) => known.has(name)),
    onFault: (reason) => log.warn("a credential was read from another place than the first", { reason }),
  });
}

function vaultOf(
  vault: Config["credentials"]["vault"],
  addr: string,
  { clock, log }: Deps,
): CredentialProvider {
  const { namespace, mount, allowedPaths, cacheTtl, timeout, tlsCa } = vault;
  return vaultCredentials({
    addr,
    login: loginOf(vault),
    namespace,
    mount,
    allowedPaths: allowedPaths === null ? null : listOf(allowedPaths),
    cacheTtlMs: cacheTtl * 1000,
    timeoutMs: timeout * 1000,
    ca: tlsCa === null ? null : pem(tlsCa),
    clock,
    onFault: (reason) => log.warn("Vault", { reason }),
  });
}

function loginOf({
  token,
  roleId,
  secretId,
  approleMount: mount,
}: Config["credentials"]["vault"]): VaultLogin {
  if (token !== null) return { kind: "token", token };
  return { kind: "approle", roleId: roleId ?? "", secretId: secretId ?? "", mount };
}

function pem(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new StartupError(`credentials.vault.tls_ca: ${path} cannot be read (${code ?? "unknown error"})`);
  }
}
