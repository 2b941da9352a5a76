import type { SshTerms, TlsTerms } from "../../src/device/driver.ts";

/** Nothing configured. */
export const SSH_TERMS: SshTerms = { agentSocket: null, proxies: null, hopIdleMs: 60_000, maxHops: 64 };
export const TLS_TERMS: TlsTerms = { dir: null };
