import type { Answer, CliState } from "../../cli/model.ts";

/** A menu: what it knows, and how it takes what it is given. */
export interface Menu {
  commands: readonly string[];
  /** Parameters of `add` and `set`, each with what its value looks like. */
  takes: Readonly<Record<string, RegExp>>;
  prints?(state: CliState): Answer;
}

const NONE: Menu = { commands: [], takes: {} };
const ADDRESS = /^\d{1,3}(?:\.\d{1,3}){3}$/;
const PREFIX = /^\d{1,3}(?:\.\d{1,3}){3}\/\d{1,2}$/;
const TEXT = /^(?:"[^"]*"|[\w.:-]+)$/;
const PORT = /^(?:ether\d{1,2}|bridge|loopback)$/;

const RESOURCE = `                   uptime: 5w6d2h2m
                  version: 7.10 (stable)
               build-time: Jun/15/2023 05:17:29
              free-memory: 190.3MiB
             total-memory: 1024.0MiB
                cpu-count: 4
        architecture-name: arm
               board-name: RB4011iGS+
                 platform: MikroTik`;

/** By their path, its words set apart by a space. */
export const MENUS: Readonly<Record<string, Menu>> = {
  "": { commands: ["export", "quit"], takes: {} },
  ip: NONE,
  "ip address": { commands: ["add", "print"], takes: { address: PREFIX, interface: PORT, comment: TEXT } },
  "ip route": {
    commands: ["add", "print"],
    takes: { "dst-address": PREFIX, gateway: ADDRESS, comment: TEXT },
  },
  "ip dns": { commands: ["set", "print"], takes: { servers: ADDRESS } },
  interface: { commands: ["print"], takes: {} },
  "interface ethernet": { commands: ["set", "print"], takes: { comment: TEXT, mtu: /^\d{2,5}$/ } },
  system: NONE,
  "system clock": {
    commands: ["print"],
    takes: {},
    prints: ({ chassis }) => `  time: ${new Date(chassis.clock.now()).toISOString().slice(11, 19)}`,
  },
  "system identity": { commands: ["set", "print"], takes: { name: TEXT } },
  "system resource": { commands: ["print"], takes: {}, prints: () => RESOURCE },
};
