import { connect, type Socket } from "node:net";
import { DeviceError } from "../../core/errors.ts";
import { type Phase, within } from "./phase.ts";
import { negotiate } from "./proxy.ts";
import { dialError, place } from "./ssh-errors.ts";
import type { SshProxy, SshSurroundings, SshTarget } from "./ssh-target.ts";

export interface Address {
  host: string;
  port: number;
}

type Around = Pick<SshSurroundings, "signal" | "clock" | "progress">;

/** The TCP connection to a server, by way of its proxy where it has one. */
export async function dial(
  target: Pick<SshTarget, "host" | "port" | "proxy"> & { patience: { dial: number } },
  around: Around,
  proxies: readonly Address[] | null,
): Promise<Socket> {
  const { proxy, patience } = target;
  if (proxy === undefined) return await dialTcp(target, patience.dial, around);
  if (!mayUse(proxy, proxies)) throw notAllowed(proxy);
  const socket = await dialTcp(proxy, patience.dial, around, proxyName(proxy));
  const where = place(target.host, target.port);
  around.progress(`waiting for ${proxyName(proxy)} to connect to ${where}`);
  const message = `${proxyName(proxy)} did not connect to ${where} within ${patience.dial} s`;
  return await within(phaseOf(around, socket, patience.dial, message), negotiate(socket, proxy, target));
}

function mayUse({ host, port }: SshProxy, proxies: readonly Address[] | null): boolean {
  return proxies === null || proxies.some((each) => each.host === host && each.port === port);
}

function notAllowed(proxy: SshProxy): DeviceError {
  return new DeviceError(
    "ConnectionError",
    `${proxyName(proxy)} is none that ssh.proxies of this node names`,
    {
      retryable: false,
    },
  );
}

function proxyName({ host, port }: SshProxy): string {
  return `the proxy ${place(host, port)}`;
}

function dialTcp({ host, port }: Address, seconds: number, around: Around, name?: string): Promise<Socket> {
  const where = name ?? place(host, port);
  const socket = connect({ host, port, noDelay: true });
  const connected = new Promise<Socket>((resolve, reject) => {
    socket.once("error", (error) => reject(dialError(error, host, where)));
    socket.once("connect", () => resolve(socket));
  });
  around.progress(`waiting for the TCP connection to ${where}`);
  const message = `${where} did not answer the TCP connection within ${seconds} s`;
  return within(phaseOf(around, socket, seconds, message), connected);
}

function phaseOf({ clock, signal }: Around, socket: Socket, seconds: number, message: string): Phase {
  return { clock, signal, seconds, timeoutMessage: () => message, giveUp: () => socket.destroy() };
}
