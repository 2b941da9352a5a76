import type { ConnectContext } from "../../src/device/driver.ts";
import { dial } from "../../src/device/transport/dial.ts";
import { readCertificate } from "../../src/device/transport/http/certificates.ts";
import { HttpConnection } from "../../src/device/transport/http/connection.ts";
import { secure, type TlsIdentity } from "../../src/device/transport/http/tls.ts";
import { place } from "../../src/device/transport/ssh-errors.ts";
import { type EapiConnectionArgs, secondsOf, usualPort } from "./args.ts";
import { PATH, type RpcAnswer, type RunCmds, readAnswer, runCmds } from "./rpc.ts";

type Context = Pick<ConnectContext<EapiConnectionArgs>, "args" | "clock" | "guard" | "progress" | "tls">;

/** Of an answer: what a job may print by default. */
const MAX_ANSWER = 16 * 1024 * 1024;

/**
 * Requests to one device, one after another. The connection is kept for the next one as long as the device keeps it; one
 * that it has closed in between is made anew.
 */
export class EapiLink {
  readonly where: string;
  readonly #context: Context;
  readonly #port: number;
  readonly #headers: Readonly<Record<string, string>>;
  #connection: HttpConnection | null = null;
  #requests = 0;
  #closed = false;

  constructor(context: Context) {
    const { host, port, username, password = "" } = context.args;
    this.#context = context;
    this.#port = port ?? usualPort(context.args);
    this.where = place(host, this.#port);
    const bracketed = host.includes(":") ? `[${host}]` : host;
    this.#headers = {
      Host: `${bracketed}:${this.#port}`,
      Authorization: `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`,
      "Content-Type": "application/json-rpc",
      Accept: "application/json-rpc, application/json",
      Connection: "keep-alive",
    };
  }

  async run(request: RunCmds, seconds: number, signal: AbortSignal): Promise<RpcAnswer> {
    const connection = await this.#connect(signal);
    this.#requests += 1;
    const response = await connection.request({
      method: "POST",
      path: PATH,
      headers: this.#headers,
      body: runCmds(`netpulse-${this.#requests}`, request),
      seconds,
      maxBody: MAX_ANSWER,
      signal,
    });
    return await readAnswer(response, this.where);
  }

  /** At once, without another byte. Idempotent. */
  destroy(): void {
    this.#closed = true;
    this.#connection?.destroy();
  }

  async #connect(signal: AbortSignal): Promise<HttpConnection> {
    if (this.#connection !== null && !this.#connection.ended) return this.#connection;
    const { args, clock, guard, progress } = this.#context;
    const around = { signal, clock, progress };
    const dialSeconds = secondsOf(args);
    const target = { host: args.host, port: this.#port, proxy: undefined, patience: { dial: dialSeconds } };
    const identity = args.transport === "http" ? null : await this.#identity();
    const wire = await dial(target, around, null);
    const { host } = args;
    const { where } = this;
    const socket =
      identity === null
        ? wire
        : await secure({ socket: wire, host, where, seconds: dialSeconds, identity }, around);
    const connection = new HttpConnection({ wire, socket, where, around: { clock, guard } });
    this.#connection = connection;
    if (this.#closed) connection.destroy();
    return connection;
  }

  async #identity(): Promise<TlsIdentity> {
    const { args, tls } = this.#context;
    const { ca_file: ca, cert_file: cert, key_file: key } = args;
    return {
      verify: args.verify ?? true,
      fingerprint: args.fingerprint ?? null,
      ca: ca === undefined ? null : await readCertificate(tls, ca, "ca_file"),
      client:
        cert === undefined || key === undefined
          ? null
          : {
              cert: await readCertificate(tls, cert, "cert_file"),
              key: await readCertificate(tls, key, "key_file"),
            },
    };
  }
}
