import { isIP, type Socket } from "node:net";
import { type ConnectionOptions, connect, type TLSSocket } from "node:tls";
import { DeviceError } from "../../../core/errors.ts";
import type { ConnectContext } from "../../driver.ts";
import { printable } from "../handshake-watch.ts";
import { within } from "../phase.ts";

/** How a server proves who it is, and we who we are. */
export interface TlsIdentity {
  /** False: nothing proves it. */
  verify: boolean;
  /** SHA-256 of the server's certificate; in its presence nothing else counts. */
  fingerprint: string | null;
  /** Instead of the public authorities. */
  ca: string | null;
  /** Our own certificate with its key. */
  client: { cert: string; key: string } | null;
}

interface Handshake {
  /** Connected. It is the result's from here on. */
  socket: Socket;
  host: string;
  where: string;
  seconds: number;
  identity: TlsIdentity;
}

type Around = Pick<ConnectContext<unknown>, "signal" | "clock" | "progress">;

/** Speaks TLS on a connection. Nothing is sent over it before the server has proved who it is. */
export async function secure(handshake: Handshake, around: Around): Promise<TLSSocket> {
  const { socket, where, seconds } = handshake;
  around.progress(`waiting for the TLS handshake with ${where}`);
  const opened = open(handshake);
  const giveUp = () => socket.destroy();
  const timeoutMessage = () => `${where} did not finish the TLS handshake within ${seconds} s`;
  const phase = { clock: around.clock, signal: around.signal, seconds, timeoutMessage, giveUp };
  const secured = await within(phase, opened);
  const problem = distrust(secured, handshake);
  if (problem === null) return secured;
  secured.destroy();
  throw new DeviceError("HostKeyError", problem);
}

function open({ socket, host, where, identity }: Handshake): Promise<TLSSocket> {
  const { ca, client } = identity;
  const options: ConnectionOptions = {
    socket,
    host,
    // The handshake is judged here, to say what is wrong, and before anything is sent.
    rejectUnauthorized: false,
    ...(isIP(host) === 0 ? { servername: host } : {}),
    ...(ca === null ? {} : { ca }),
    ...client,
  };
  return new Promise((resolve, reject) => {
    const failed = (error: unknown) => reject(handshakeError(error, where));
    try {
      const secured = connect(options, () => {
        secured.off("error", failed).off("close", closed);
        resolve(secured);
      });
      const closed = () => failed(new Error("it closed the connection"));
      secured.on("error", failed).on("close", closed);
    } catch {
      reject(
        new DeviceError(
          "CredentialError",
          "ca_file, cert_file or key_file holds no certificate or key in PEM",
        ),
      );
    }
  });
}

function handshakeError(error: unknown, where: string): DeviceError {
  const said = error instanceof Error ? error.message : "";
  if (/WRONG_VERSION_NUMBER|HTTP_REQUEST|packet length too long/i.test(said)) {
    const hint = 'it does not speak TLS there; set connection_args.transport to "http" if that is meant';
    return new DeviceError("ConnectionError", `${where} ended the TLS handshake: ${hint}`, {
      retryable: false,
    });
  }
  return new DeviceError("ConnectionError", `${where} ended the TLS handshake: ${printable(said)}`);
}

/** Why the server is not to be trusted; `null`: it is. */
function distrust(secured: TLSSocket, { where, identity }: Handshake): string | null {
  if (!identity.verify) return null;
  const shown = secured.getPeerCertificate().fingerprint256 ?? "";
  if (identity.fingerprint !== null) {
    if (hexOf(shown) === hexOf(identity.fingerprint)) return null;
    return `${where} shows another certificate (SHA-256 ${shown}) than connection_args.fingerprint names`;
  }
  if (secured.authorized) return null;
  const hint =
    "; name its authority (ca_file), pin it (fingerprint), or set verify to false where nobody is on the path";
  return `the certificate of ${where} (SHA-256 ${shown}) ${reasonOf(secured.authorizationError)}${hint}`;
}

function hexOf(fingerprint: string): string {
  return fingerprint
    .replace(/^sha256:/i, "")
    .replaceAll(":", "")
    .toLowerCase();
}

const REASONS: Readonly<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: "is signed by itself",
  SELF_SIGNED_CERT_IN_CHAIN: "comes from an authority that is not known",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "comes from an authority that is not known",
  UNABLE_TO_GET_ISSUER_CERT: "comes from an authority that is not known",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "comes from an authority that is not known",
  ERR_TLS_CERT_ALTNAME_INVALID: "is not for this host",
  CERT_HAS_EXPIRED: "has expired",
  CERT_NOT_YET_VALID: "is not valid yet",
};

function reasonOf(error: unknown): string {
  const code =
    typeof error === "string" ? error : error instanceof Error && "code" in error ? error.code : "";
  return REASONS[String(code)] ?? `cannot be verified (${printable(String(code))})`;
}
