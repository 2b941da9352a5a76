import type * as Ssh2 from "ssh2";
import { installDiffieHellman } from "../dh.ts";

export type { Algorithms, AnyAuthMethod, AuthenticationType, Client, ClientChannel, ParsedKey } from "ssh2";

let loading: Promise<typeof Ssh2> | undefined;

/**
 * The only way to ssh2: it takes the Diffie-Hellman constructors from node:crypto when it is loaded, so
 * ours must be there first, and nothing else in the process may load it before.
 */
export function loadSsh2(): Promise<typeof Ssh2> {
  installDiffieHellman();
  loading ??= import("ssh2").then((module) => module.default);
  return loading;
}
