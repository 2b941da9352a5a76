import type { Clock } from "../../src/core/clock.ts";
import type { Driver } from "../../src/device/driver.ts";
import { Channel } from "../../src/ipc/channel.ts";
import type { FromHost, ToHost } from "../../src/ipc/messages.ts";
import type { SpawnHost } from "../../src/worker/host-process.ts";
import { SessionHost } from "../../src/worker/session-host.ts";
import { noFiles } from "./no-files.ts";

/** A session host of this process instead of a child: same code, same messages, a clock of ours. */
export interface InProcessHosts {
  spawn: SpawnHost;
  /** Kills the newest host as the kernel would: nothing more comes from it. */
  killNewest(): void;
  /** The newest host stops answering but stays alive, as under SIGSTOP. */
  freezeNewest(): void;
  started(): number;
  /** The next `times` spawns fail, as when the system has no process left. */
  refuse(times: number): void;
  /** The next `times` hosts end before they have said anything. */
  stillborn(times: number): void;
}

export function inProcessHosts(params: { clock: Clock; driver: Driver; build?: string }): InProcessHosts {
  const kills: (() => void)[] = [];
  const freezes: (() => void)[] = [];
  let refused = 0;
  let dead = 0;
  const spawn: SpawnHost = (onMessage) => {
    if (refused > 0) {
      refused -= 1;
      throw new Error("EAGAIN");
    }
    const pid = 1000 + kills.length;
    const exited = Promise.withResolvers<string>();
    let alive = true;
    let frozen = false;
    const later = (deliver: () => void) => queueMicrotask(() => alive && !frozen && deliver());
    const channel: Channel<FromHost, ToHost> = new Channel(
      (envelope) => later(() => onMessage(structuredClone(envelope))),
      (message) => host.receive(message),
    );
    const host = new SessionHost({
      clock: params.clock,
      build: params.build ?? "test",
      pid,
      driver: () => params.driver,
      send: (message) => channel.send(message),
      openFiles: noFiles,
      rssMb: () => 1,
      onFault: (error) => {
        throw error;
      },
    });
    const kill = () => {
      if (!alive) return;
      alive = false;
      host.destroy();
      exited.resolve("killed by SIGKILL");
    };
    kills.push(kill);
    if (dead > 0) {
      dead -= 1;
      kill();
    }
    freezes.push(() => {
      frozen = true;
    });
    return {
      pid,
      send: (message) => later(() => channel.receive(structuredClone(message))),
      kill,
      exited: exited.promise,
    };
  };
  return {
    spawn,
    killNewest: () => kills.at(-1)?.(),
    freezeNewest: () => freezes.at(-1)?.(),
    started: () => kills.length,
    refuse: (times) => {
      refused = times;
    },
    stillborn: (times) => {
      dead = times;
    },
  };
}
