import { createHash } from "node:crypto";
import type { ConnectQuestion } from "../ipc/messages.ts";

/** The arguments that a device decides by whether to let somebody in. */
const CREDENTIAL = [
  "username",
  "password",
  "pkey",
  "passphrase",
  "secret",
  "allow_agent",
  "login_answers",
  "totp",
  "jump_hosts",
  "proxy",
  "cert_file",
  "key_file",
] as const;

/** Who wants to connect to what, for the node's `Admission`. */
export function visitorOf(connectionArgs: Record<string, unknown>): ConnectQuestion {
  const { site, host, port } = connectionArgs as { site?: string; host: string; port: number };
  return { device: { site: site ?? null, host, port }, credential: credentialOf(connectionArgs) };
}

/** Hashed, so that no message and no key of a map holds a password. */
function credentialOf(connectionArgs: Record<string, unknown>): string {
  const values = CREDENTIAL.map((name) => connectionArgs[name] ?? null);
  return createHash("sha256").update(JSON.stringify(values)).digest("base64url");
}
