import { DeviceError } from "../../core/errors.ts";
import { LEGACY_ALGORITHMS } from "./algorithms.ts";
import { type HandshakeWatch, type Offer, printable } from "./handshake-watch.ts";

/** How messages name a device: `10.0.0.1 port 22`. */
export function place(host: string, port: number): string {
  return `${host} port ${port}`;
}

const DIAL_MESSAGES: Record<string, string> = {
  ECONNREFUSED: "refused the connection: nothing listens there",
  ECONNRESET: "reset the connection",
  EHOSTUNREACH: "cannot be reached: no route to the host",
  ENETUNREACH: "cannot be reached: no route to its network",
  ETIMEDOUT: "did not answer",
};

/** Why no TCP connection came about. */
export function dialError(error: unknown, host: string, port: number): DeviceError {
  const code = errorCode(error);
  if (/NOTFOUND|EAI_|ENODATA|DNS/.test(code)) {
    return new DeviceError("ConnectionError", `the host name ${host} cannot be resolved (${code})`);
  }
  const what = DIAL_MESSAGES[code] ?? `cannot be reached (${code || "unknown error"})`;
  return new DeviceError("ConnectionError", `${place(host, port)} ${what}`);
}

function errorCode(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
}

/** Why a connected server and we did not get to an encrypted connection. */
export function handshakeError(error: unknown, watch: HandshakeWatch, where: string): DeviceError {
  if (error instanceof DeviceError) return error;
  const said = error instanceof Error ? printable(error.message) : "";
  const mismatch = MISMATCHES.find(({ pattern }) => pattern.test(said));
  if (mismatch !== undefined) return noCommonAlgorithm(mismatch, watch.offer(), where);
  if (/Diffie-Hellman group has \d+ bits, more/.test(said)) {
    return new DeviceError("ConnectionError", `${where}: ${said}; ${LEGACY_HINT}`, { retryable: false });
  }
  if (/signature/i.test(said)) {
    return new DeviceError("HostKeyError", `${where} could not prove that it owns its host key (${said})`);
  }
  const garbage = watch.garbage();
  if (garbage !== null) {
    return new DeviceError("ConnectionError", `${where} does not speak SSH: it sent "${garbage}"`);
  }
  return new DeviceError("ConnectionError", `${where} ended the SSH handshake${said && `: ${said}`}`);
}

const LEGACY_HINT = "set connection_args.legacy to true to allow it for this device";

interface Mismatch {
  pattern: RegExp;
  what: string;
  list: keyof Offer;
  ours: readonly string[];
}

const MISMATCHES: Mismatch[] = [
  {
    pattern: /no matching key exchange/i,
    what: "key exchange",
    list: "kex",
    ours: LEGACY_ALGORITHMS.kex,
  },
  {
    pattern: /no matching host key/i,
    what: "host key",
    list: "hostKey",
    ours: LEGACY_ALGORITHMS.serverHostKey,
  },
  { pattern: /no matching .*cipher/i, what: "cipher", list: "cipher", ours: LEGACY_ALGORITHMS.cipher },
  { pattern: /no matching .*mac/i, what: "MAC", list: "mac", ours: LEGACY_ALGORITHMS.hmac },
];

/** Names in a list of key exchanges that are none. */
const EXTENSIONS = /^(?:ext-info-|kex-strict-)/;

function noCommonAlgorithm(mismatch: Mismatch, offer: Offer | null, where: string): DeviceError {
  const offered = offer?.[mismatch.list] ?? [];
  const helps = offered.some((name) => mismatch.ours.includes(name));
  const hint = helps ? `; ${LEGACY_HINT}` : "";
  const names = offered.filter((name) => !EXTENSIONS.test(name)).slice(0, 20);
  const list = names.length === 0 ? "" : `; it offers ${names.join(", ")}`;
  return new DeviceError(
    "ConnectionError",
    `no common ${mismatch.what} algorithm with ${where}${list}${hint}`,
    { retryable: false },
  );
}
