import type { ConnectContext } from "../driver.ts";

/** Which server, as whom, with what patience. */
export interface SshTarget {
  host: string;
  port: number;
  username: string;
  password: string | undefined;
  /** Text of a private key. */
  privateKey: string | undefined;
  passphrase: string | undefined;
  /** Also offer old, weak algorithms. */
  legacy: boolean;
  /** Seconds between keep-alives; 0 for none. */
  keepalive: number;
  /** Seconds that each phase may take. */
  patience: { dial: number; banner: number; keyExchange: number; login: number; channel: number };
}

/** What a connection needs from whoever opens it. */
export type SshSurroundings = Pick<
  ConnectContext<unknown>,
  "signal" | "clock" | "guard" | "verifyHostKey" | "progress"
>;
