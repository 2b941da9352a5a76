import type { ConnectContext, SshResources } from "../driver.ts";
import type { ScriptedAnswer } from "./answers.ts";
import type { Totp } from "./totp.ts";

/** Which server, as whom, by which way, with what patience. */
export interface SshTarget {
  host: string;
  port: number;
  /** Where the address is valid. */
  site: string | null;
  username: string;
  password: string | undefined;
  /** Text of a private key. */
  privateKey: string | undefined;
  passphrase: string | undefined;
  /** Also offer the keys of the node's SSH agent. */
  agent: boolean;
  answers: readonly ScriptedAnswer[];
  totp: Totp | undefined;
  /** Also offer old, weak algorithms. */
  legacy: boolean;
  /** Offer compression. */
  compression: boolean;
  /** Seconds between keep-alives; 0 for none. */
  keepalive: number;
  /** Seconds that each phase may take. */
  patience: { dial: number; banner: number; keyExchange: number; login: number; channel: number };
  /** What the first connection of the way is made through. */
  proxy: SshProxy | undefined;
  /** Servers on the way, the nearest first. Each without hops and proxy of its own: those are ours. */
  hops: readonly SshTarget[];
}

export interface SshProxy {
  type: "socks5" | "http";
  host: string;
  port: number;
  username: string | undefined;
  password: string | undefined;
}

/** What a connection needs from whoever opens it. */
export type SshSurroundings = Pick<
  ConnectContext<unknown>,
  "signal" | "clock" | "guard" | "verifyHostKey" | "progress"
> & { ssh: SshResources };
