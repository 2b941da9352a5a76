import type { SshTerms } from "../../src/device/driver.ts";

/** Nothing configured. */
export const SSH_TERMS: SshTerms = { agentSocket: null, proxies: null, hopIdleMs: 60_000, maxHops: 64 };
