import type { Algorithms } from "./ssh2.ts";

/**
 * What is offered to a device, best first. Groups chosen by the server come after the fixed ones: their
 * size is its choice. chacha20-poly1305 and ssh-dss are missing in Bun. Compression costs both sides more
 * than it saves on what devices print, so a request has to ask for it.
 */
export const MODERN_ALGORITHMS = {
  kex: [
    "curve25519-sha256",
    "curve25519-sha256@libssh.org",
    "ecdh-sha2-nistp256",
    "ecdh-sha2-nistp384",
    "ecdh-sha2-nistp521",
    "diffie-hellman-group14-sha256",
    "diffie-hellman-group15-sha512",
    "diffie-hellman-group16-sha512",
    "diffie-hellman-group-exchange-sha256",
    "diffie-hellman-group14-sha1",
  ],
  serverHostKey: [
    "ssh-ed25519",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
    "rsa-sha2-512",
    "rsa-sha2-256",
  ],
  cipher: ["aes128-gcm@openssh.com", "aes256-gcm@openssh.com", "aes128-ctr", "aes192-ctr", "aes256-ctr"],
  hmac: [
    "hmac-sha2-256-etm@openssh.com",
    "hmac-sha2-512-etm@openssh.com",
    "hmac-sha1-etm@openssh.com",
    "hmac-sha2-256",
    "hmac-sha2-512",
  ],
  compress: ["none"],
} satisfies Algorithms;

/** Added behind the modern ones for a device that was given `legacy`: broken or weak, but all it has. */
const LEGACY_ONLY = {
  kex: [
    "diffie-hellman-group-exchange-sha1",
    "diffie-hellman-group1-sha1",
    "diffie-hellman-group17-sha512",
    "diffie-hellman-group18-sha512",
  ],
  serverHostKey: ["ssh-rsa"],
  cipher: ["aes128-cbc", "aes192-cbc", "aes256-cbc", "3des-cbc"],
  hmac: ["hmac-sha1", "hmac-sha1-96", "hmac-md5", "hmac-md5-96"],
} satisfies Algorithms;

export const LEGACY_ALGORITHMS = {
  kex: [...MODERN_ALGORITHMS.kex, ...LEGACY_ONLY.kex],
  serverHostKey: [...MODERN_ALGORITHMS.serverHostKey, ...LEGACY_ONLY.serverHostKey],
  cipher: [...MODERN_ALGORITHMS.cipher, ...LEGACY_ONLY.cipher],
  hmac: [...MODERN_ALGORITHMS.hmac, ...LEGACY_ONLY.hmac],
  compress: ["none"],
} satisfies Algorithms;

const COMPRESSION = ["zlib@openssh.com", "zlib", "none"] satisfies Algorithms["compress"];

export function algorithmsFor({
  legacy,
  compression,
}: {
  legacy: boolean;
  compression: boolean;
}): Algorithms {
  const algorithms = legacy ? LEGACY_ALGORITHMS : MODERN_ALGORITHMS;
  return compression ? { ...algorithms, compress: COMPRESSION } : algorithms;
}
