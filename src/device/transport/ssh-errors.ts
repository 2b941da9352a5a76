import { DeviceError } from "../../core/errors.ts";
import { LEGACY_ALGORITHMS, MODERN_ALGORITHMS } from "./algorithms.ts";
import { type HandshakeWatch, type Offer, printable } from "./handshake-watch.ts";

/** What a request allows beside the usual. */
interface AlgorithmWishes {
  legacy: boolean;
  compression: boolean;
}

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

/** Why no TCP connection came about; `where` names what `host` is. */
export function dialError(error: unknown, host: string, where: string): DeviceError {
  const code = errorCode(error);
  if (code === "EINVAL" && isLinkLocal(host)) return zoneError(host, where);
  if (/NOTFOUND|EAI_|ENODATA|DNS/.test(code)) {
    return new DeviceError("ConnectionError", `the host name ${host} cannot be resolved (${code})`);
  }
  const what = DIAL_MESSAGES[code] ?? `cannot be reached (${code || "unknown error"})`;
  return new DeviceError("ConnectionError", `${where} ${what}`);
}

function isLinkLocal(host: string): boolean {
  return /^fe[89ab][0-9a-f]:/.test(host);
}

function zoneError(host: string, where: string): DeviceError {
  const why = host.includes("%")
    ? "this node has no such network interface"
    : `a link-local address needs the node's network interface, as in ${host}%eth0`;
  return new DeviceError("ConnectionError", `${where} cannot be reached: ${why}`, { retryable: false });
}

/** What ssh2 makes of the reason that a server gives for not opening a channel. */
const PROHIBITED = 1;

/** Why a jump host did not connect on to `where`. */
export function forwardError(error: Error, hop: string, where: string): DeviceError {
  const said = printable(error.message.replace(/^\(SSH\) Channel open failure: /, ""));
  const prohibited = "reason" in error && error.reason === PROHIBITED;
  const hint = prohibited ? "; it does not allow connections on to there" : "";
  return new DeviceError("ConnectionError", `${hop} did not connect to ${where}: ${said}${hint}`, {
    retryable: !prohibited,
  });
}

function errorCode(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
}

/** Why a connected server and we did not get to an encrypted connection. */
export function handshakeError(
  error: unknown,
  watch: HandshakeWatch,
  where: string,
  wishes: AlgorithmWishes,
): DeviceError {
  if (error instanceof DeviceError) return error;
  const said = error instanceof Error ? printable(error.message) : "";
  const offer = watch.offer();
  if (/no matching/i.test(said) && offer !== null) return noCommonAlgorithm(offer, wishes, where);
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

const LEGACY_HINT = "set connection_args.legacy=true to allow it for this device";
const COMPRESSION_HINT = "set connection_args.compression=true to allow it for this device";

interface Kind {
  what: string;
  list: keyof Offer;
  /** What we can offer when we are asked to. */
  ours: readonly string[];
  /** What we offer without being asked. */
  modern: readonly string[];
  hint: string;
}

const KINDS: Kind[] = [
  {
    what: "key exchange",
    list: "kex",
    ours: LEGACY_ALGORITHMS.kex,
    modern: MODERN_ALGORITHMS.kex,
    hint: LEGACY_HINT,
  },
  {
    what: "host key",
    list: "hostKey",
    ours: LEGACY_ALGORITHMS.serverHostKey,
    modern: MODERN_ALGORITHMS.serverHostKey,
    hint: LEGACY_HINT,
  },
  {
    what: "cipher",
    list: "cipher",
    ours: LEGACY_ALGORITHMS.cipher,
    modern: MODERN_ALGORITHMS.cipher,
    hint: LEGACY_HINT,
  },
  {
    what: "MAC",
    list: "mac",
    ours: LEGACY_ALGORITHMS.hmac,
    modern: MODERN_ALGORITHMS.hmac,
    hint: LEGACY_HINT,
  },
  {
    what: "compression",
    list: "compression",
    ours: ["zlib", "zlib@openssh.com", "none"],
    modern: ["none"],
    hint: COMPRESSION_HINT,
  },
];

/** Names in a list of key exchanges that are none. */
const EXTENSIONS = /^(?:ext-info-|kex-strict-)/;

const MAX_NAMED = 20;

/** Names each kind of algorithm that failed to match, and not only the first, at which the handshake ended. */
function noCommonAlgorithm(offer: Offer, target: AlgorithmWishes, where: string): DeviceError {
  const failed = KINDS.map((kind) => ({ kind, offered: withoutExtensions(offer[kind.list]) })).filter(
    ({ kind, offered }) => !offered.some((name) => wanted(kind, target).includes(name)),
  );
  const kinds = failed.map(
    ({ kind, offered }) =>
      `${kind.what} (the device offers only ${offered.slice(0, MAX_NAMED).join(", ") || "none"})`,
  );
  const helps = failed.every(({ kind, offered }) => offered.some((name) => kind.ours.includes(name)));
  const hints = helps ? [...new Set(failed.map(({ kind }) => kind.hint))] : [];
  const message = `no common algorithm with ${where} for ${kinds.join(" and for ")}`;
  return new DeviceError("ConnectionError", [message, ...hints].join("; "), { retryable: false });
}

function withoutExtensions(names: readonly string[]): string[] {
  return names.filter((name) => !EXTENSIONS.test(name));
}

function wanted({ hint, ours, modern }: Kind, { legacy, compression }: AlgorithmWishes): readonly string[] {
  return (hint === COMPRESSION_HINT ? compression : legacy) ? ours : modern;
}
