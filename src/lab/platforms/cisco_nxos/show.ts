import { type ConfigEntry, configLines, settingOf } from "../../cli/config-tree.ts";
import type { Answer, Call, CliState } from "../../cli/model.ts";
import { configLook } from "./factory.ts";

export const VERSION = "9.2(4)";

export function showVersion({ state }: Call): Answer {
  const minutes = Math.floor((state.chassis.clock.monotonic() - state.bootedAt) / 60_000);
  const days = Math.floor(minutes / 1440);
  return `Cisco Nexus Operating System (NX-OS) Software
TAC support: http://www.cisco.com/tac
Copyright (c) 2002-2019, Cisco Systems, Inc. All rights reserved.

Software
  BIOS: version
 NXOS: version ${VERSION}
  NXOS image file is: bootflash:///nxos.9.2.4.bin


Hardware
  cisco Nexus9000 9000v Chassis
  Processor Board ID 9LAB${String(state.seed.index).padStart(7, "0")}

  Device name: ${settingOf(state.running, "hostname") ?? "switch"}
Kernel uptime is ${days} day(s), ${Math.floor((minutes % 1440) / 60)} hour(s), ${minutes % 60} minute(s), 0 second(s)
`;
}

export function configText(state: CliState, config: ConfigEntry): string {
  const time = new Date(state.chassis.clock.now()).toUTCString();
  const head = ["", "!Command: show running-config", `!Time: ${time}`, "", `version ${VERSION} Bios:version`];
  return [...head, ...configLines(config, configLook)].join("\n");
}

export function showInterfaceBrief({ state }: Call): Answer {
  const rows = state.running.children
    .filter(({ text }) => text.startsWith("interface Ethernet"))
    .map((section) => {
      const shut = section.children.some(({ text }) => text === "shutdown");
      const name = section.text.slice("interface Ethernet".length);
      return `Eth${name.padEnd(12)}1       eth  access ${shut ? "down    Administratively down" : "up      none                 "}    10G(D) --`;
    });
  const rule = "-".repeat(80);
  return [
    rule,
    "Ethernet      VLAN    Type Mode   Status  Reason                   Speed  Port",
    rule,
    ...rows,
  ].join("\n");
}
