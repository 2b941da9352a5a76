import { FAULT_NAMES } from "../../src/lab/lab.ts";
import type { Random } from "../support/faults/random.ts";
import type { Wire } from "../support/network.ts";
import { type Program, signal } from "./program.ts";
import type { World } from "./world.ts";

/** How long a program that is told to stop may take, ms, before it is killed. */
const STOP_GRACE_MS = 8_000;

/** What goes wrong with one part of the world for a while. */
export interface Fault {
  name: string;
  /** The part: it has one fault at a time. */
  part: string;
  begin(): Promise<void>;
  /** Resolves when the part is as before and at work. */
  end(): Promise<void>;
}

type Kind = Omit<Fault, "name">;
type Making = (world: World, dice: Random) => Kind;

/** How much of each kind there is. */
const KINDS: Readonly<Record<string, readonly [share: number, making: Making]>> = {
  "node killed": [3, (world, dice) => killed(dice.pick(world.nodes))],
  "node stopped": [2, (world, dice) => stopped(dice.pick(world.nodes))],
  "node frozen": [3, (world, dice) => frozen(world, dice.pick(world.nodes), false)],
  "node frozen with its session hosts": [3, (world, dice) => frozen(world, dice.pick(world.nodes), true)],
  "session hosts killed": [3, (world, dice) => hostsSignalled(world, "SIGKILL", dice)],
  "session hosts frozen": [3, (world, dice) => hostsSignalled(world, "SIGSTOP", dice)],
  "API killed": [2, (world, dice) => killed(dice.pick(world.apis))],
  "API stopped": [1, (world, dice) => stopped(dice.pick(world.apis))],
  "API frozen": [1, (world, dice) => frozen(world, dice.pick(world.apis), false)],
  "Redis killed": [2, redisKilled],
  "Redis restarted": [1, redisRestarted],
  "Redis frozen": [2, redisFrozen],
  "node cut off from the store": [4, (world, dice) => cutOff(world, dice.pick(world.nodes), ["store"])],
  "node cut off from the devices": [2, (world, dice) => cutOff(world, dice.pick(world.nodes), ["devices"])],
  "node cut off from both": [3, (world, dice) => cutOff(world, dice.pick(world.nodes), ["store", "devices"])],
  "API cut off from the store": [1, (world, dice) => cutOff(world, dice.pick(world.apis), ["store"])],
  "API cut off from its clients": [1, (world, dice) => cutOff(world, dice.pick(world.apis), ["clients"])],
  "device spoiled": [6, deviceSpoiled],
  "device dropped its lines": [2, deviceUnplugged],
};

/** One of the kinds, or of those whose name begins so. */
export function drawFault(world: World, dice: Random, only = ""): Fault {
  const kinds = Object.entries(KINDS).filter(([name]) => name.startsWith(only));
  const total = kinds.reduce((sum, [, [share]]) => sum + share, 0);
  let lot = dice.share() * total;
  for (const [name, [share, making]] of kinds) {
    lot -= share;
    if (lot < 0) return { name, ...making(world, dice) };
  }
  throw new Error(`no fault is called ${only}; there are: ${Object.keys(KINDS).join(", ")}`);
}

function killed(program: Program): Kind {
  return {
    part: program.name,
    begin: () => program.kill(),
    end: () => program.start(),
  };
}

function stopped(program: Program): Kind {
  let ended: Promise<void> = Promise.resolve();
  return {
    part: program.name,
    async begin() {
      ended = program.stop(STOP_GRACE_MS);
    },
    async end() {
      await ended;
      await program.start();
    },
  };
}

function frozen({ devices }: World, program: Program, withHosts: boolean): Kind {
  let pids: number[] = [];
  let attended = () => {};
  return {
    part: program.name,
    async begin() {
      pids = await program.freeze(withHosts);
      if (withHosts) attended = devices.unattended(program.machine.address("devices"));
    },
    async end() {
      for (const pid of pids) signal(pid, "SIGCONT");
      attended();
    },
  };
}

function hostsSignalled({ devices, nodes }: World, name: NodeJS.Signals, dice: Random): Kind {
  const node = dice.pick(nodes);
  let pids: number[] = [];
  let attended = () => {};
  return {
    part: node.name,
    async begin() {
      const hosts = await node.hosts();
      pids = hosts.filter((pid) => dice.chance(0.6) && signal(pid, name));
      if (pids.length > 0) attended = devices.unattended(node.machine.address("devices"));
    },
    async end() {
      for (const pid of pids) signal(pid, "SIGCONT");
      attended();
    },
  };
}

function redisKilled({ redis }: World): Kind {
  return { part: "redis", begin: () => redis.kill(), end: () => redis.start() };
}

function redisRestarted({ redis }: World): Kind {
  return { part: "redis", begin: () => redis.restart(), end: async () => {} };
}

function redisFrozen({ redis }: World): Kind {
  return {
    part: "redis",
    begin: async () => redis.pause(),
    end: async () => redis.resume(),
  };
}

function cutOff(world: World, { name, machine }: Program, wires: readonly Wire[]): Kind {
  return {
    part: name,
    async begin() {
      for (const wire of wires) {
        await machine.cut(wire);
        if (wire === "devices") world.devices.unattended(machine.address(wire));
      }
    },
    async end() {
      for (const wire of wires) await machine.heal(wire);
    },
  };
}

function deviceSpoiled({ devices }: World, dice: Random): Kind {
  const device = dice.pick(devices.handles);
  const fault = dice.pick(FAULT_NAMES);
  return {
    part: device.host,
    begin: () => device.setFault(fault),
    end: () => device.setFault("none"),
  };
}

function deviceUnplugged({ devices }: World, dice: Random): Kind {
  const device = dice.pick(devices.handles);
  return {
    part: device.host,
    begin: async () => device.dropConnections(),
    end: async () => {},
  };
}
