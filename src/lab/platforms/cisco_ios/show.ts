import { type ConfigEntry, configLines, sectionLines, settingOf } from "../../cli/config-tree.ts";
import type { Answer, Call, CliState } from "../../cli/model.ts";
import { configLook } from "./config.ts";
import { cardSerialNumber, macAddress, PORTS, serialNumber } from "./hardware.ts";
import { addressNumber, interfaces, maskLength } from "./interfaces.ts";
import { deviceTime, hoursMinutesSeconds, uptime } from "./time.ts";

const NVRAM_BYTES = 262_136;
/** The console is line 0; the first network line of this model is 388. */
const FIRST_VTY = 388;

function hostnameOf(state: CliState): string {
  return settingOf(state.running, "hostname") ?? "Router";
}

export function showVersion({ state }: Call): Answer {
  const serial = serialNumber(state.seed.index);
  return `Cisco IOS Software, C2900 Software (C2900-UNIVERSALK9-M), Version 15.7(3)M8, RELEASE SOFTWARE (fc1)
Technical Support: http://www.cisco.com/techsupport
Copyright (c) 1986-2020 by Cisco Systems, Inc.
Compiled Tue 11-Aug-20 11:03 by prod_rel_team

ROM: System Bootstrap, Version 15.0(1r)M16, RELEASE SOFTWARE (fc1)

${hostnameOf(state)} uptime is ${uptime(state.chassis.clock.monotonic() - state.bootedAt)}
System returned to ROM by power-on
System image file is "flash0:c2900-universalk9-mz.SPA.157-3.M8.bin"
Last reload type: Normal Reload
Last reload reason: power-on



This product contains cryptographic features and is subject to United
States and local country laws governing import, export, transfer and
use. Delivery of Cisco cryptographic products does not imply
third-party authority to import, export, distribute or use encryption.
Importers, exporters, distributors and users are responsible for
compliance with U.S. and local country laws. By using this product you
agree to comply with applicable laws and regulations. If you are unable
to comply with U.S. and local laws, return this product immediately.

A summary of U.S. laws governing Cisco cryptographic products may be found at:
http://www.cisco.com/wwl/export/crypto/tool/stqrg.html

If you require further assistance please contact us by sending email to
export@cisco.com.

Cisco CISCO2911/K9 (revision 1.0) with 483328K/40960K bytes of memory.
Processor board ID ${serial}
${PORTS.length} Gigabit Ethernet interfaces
1 terminal line
DRAM configuration is 64 bits wide with parity enabled.
255K bytes of non-volatile configuration memory.
250880K bytes of ATA System CompactFlash 0 (Read/Write)


License Info:

License UDI:

-------------------------------------------------
Device#	  PID			SN
-------------------------------------------------
*1	  CISCO2911/K9          ${serial}     



Technology Package License Information for Module:'c2900' 

------------------------------------------------------------------------
Technology    Technology-package           Technology-package
              Current       Type           Next reboot  
------------------------------------------------------------------------
ipbase        ipbasek9      Permanent      ipbasek9
security      securityk9    Permanent      securityk9
uc            None          None           None
data          None          None           None

Configuration register is 0x2102

`;
}

export function showInventory({ state }: Call): Answer {
  const { index } = state.seed;
  return `NAME: "CISCO2911/K9", DESCR: "CISCO2911/K9 chassis, Hw Serial#: ${serialNumber(index)}, Hw Revision: 1.0"
PID: CISCO2911/K9      , VID: V07 , SN: ${serialNumber(index)}

NAME: "4 Port GE POE EHWIC Switch on Slot 0 SubSlot 0", DESCR: "4 Port GE POE EHWIC Switch"
PID: EHWIC-4ESG        , VID: V01 , SN: ${cardSerialNumber(index)}

NAME: "C2911 AC Power Supply", DESCR: "C2911 AC Power Supply"
PID: PWR-2911-AC       , VID: V03 , SN: DCA1836R0${(index % 100).toString().padStart(2, "0")}

`;
}

export function showClock({ state }: Call): Answer {
  return `*${deviceTime(state.chassis.clock.now(), true)}`;
}

export function showUsers({ state, session }: Call): Answer {
  const now = state.chassis.clock.monotonic();
  const rows = [...state.chassis.lines()]
    .sort((a, b) => a.vty - b.vty)
    .map((line) => {
      const mark = line.session === session.session ? "*" : " ";
      const idle = hoursMinutesSeconds(now - line.lastInput());
      return `${mark}${String(FIRST_VTY + line.vty).padStart(3)} vty ${String(line.vty).padEnd(5)} ${line.user.padEnd(10)} idle                 ${idle} ${line.peer}`;
    });
  return [
    "    Line       User       Host(s)              Idle       Location",
    ...rows,
    "",
    "  Interface    User               Mode         Idle     Peer Address",
    "",
  ].join("\n");
}

export function showIpRoute({ state }: Call): Answer {
  const connected = interfaces(state).flatMap(({ name, address, mask, protocol }) => {
    if (address === null || mask === null || protocol === "down") return [];
    const network = dotted(Math.floor(addressNumber(address) / size(mask)) * size(mask));
    const local = `L        ${address}/32 is directly connected, ${name}`;
    const route = `C        ${network}/${maskLength(mask)} is directly connected, ${name}`;
    return maskLength(mask) === 32 ? [route] : [route, local];
  });
  const fixed = state.running.children.flatMap(({ text }) => {
    const [, network = "", mask = "", hop = ""] = /^ip route (\S+) (\S+) (\S+)/.exec(text) ?? [];
    if (network === "") return [];
    return [`S${network === "0.0.0.0" ? "*" : " "}       ${network}/${maskLength(mask)} [1/0] via ${hop}`];
  });
  return `Codes: L - local, C - connected, S - static, R - RIP, M - mobile, B - BGP
       D - EIGRP, EX - EIGRP external, O - OSPF, IA - OSPF inter area 
       * - candidate default, U - per-user static route, o - ODR
       + - replicated route, % - next hop override

${gatewayOfLastResort(state)}

${[...fixed, ...connected].join("\n")}`;
}

function gatewayOfLastResort(state: CliState): string {
  const hop = settingOf(state.running, "ip route 0.0.0.0 0.0.0.0")?.split(" ")[0];
  if (hop === undefined) return "Gateway of last resort is not set";
  return `Gateway of last resort is ${hop} to network 0.0.0.0`;
}

function size(mask: string): number {
  return 2 ** (32 - maskLength(mask));
}

function dotted(value: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join(".");
}

export function showArp({ state }: Call): Answer {
  const rows = interfaces(state).flatMap(({ name, index, address, protocol }) =>
    address === null || protocol === "down" || !name.startsWith("Gigabit")
      ? []
      : [
          `Internet  ${address.padEnd(15)}         -   ${macAddress(state.seed.index, index)}  ARPA   ${name}`,
        ],
  );
  return ["Protocol  Address          Age (min)  Hardware Addr   Type   Interface", ...rows].join("\n");
}

/** The text of a whole configuration, with the header a device prints above it. */
export function configText(state: CliState, config: ConfigEntry): string {
  const body = `${["!", ...configLines(config, configLook), "end"].join("\n")}\n`;
  const head = ["Building configuration...", "", `Current configuration : ${body.length} bytes`];
  return [...head, ...history(state), body].join("\n");
}

export function showStartup({ state }: Call): Answer {
  if (state.startup.children.length === 0) return "startup-config is not present";
  const body = `${["!", ...configLines(state.startup, configLook), "end"].join("\n")}\n`;
  return [`Using ${body.length} out of ${NVRAM_BYTES} bytes`, ...history(state), body].join("\n");
}

function history(state: CliState): string[] {
  const { changed, saved } = state;
  const lines: string[] = [];
  if (changed) lines.push(`! Last configuration change at ${deviceTime(changed.at)} by ${changed.by}`);
  if (saved) lines.push(`! NVRAM config last updated at ${deviceTime(saved.at)} by ${saved.by}`);
  return lines.length > 0 ? ["!", ...lines] : [];
}

/** The section of one interface, with the header of a whole configuration. */
export function showSection({ state, args }: Call): Answer {
  const header = `interface ${args.interface}`;
  const section = state.running.children.find((entry) => entry.text === header);
  if (!section) return "% Interface not found in the configuration";
  const lines = sectionLines(section, configLook);
  const bytes = lines.join("\n").length + "!\nend\n".length + 1;
  return [
    "Building configuration...",
    "",
    `Current configuration : ${bytes} bytes`,
    "!",
    ...lines,
    "end",
    "",
  ].join("\n");
}

export function showHistory({ session }: Call): Answer {
  return session
    .history()
    .map((line) => `  ${line}`)
    .join("\n");
}

export function showTerminal({ session }: Call): Answer {
  return `Line ${FIRST_VTY + session.vty}, Location: "", Type: "vt100"
Length: ${session.pageLength} lines, Width: ${session.width} columns
Status: PSI Enabled, Ready, Active, Automore On
Capabilities: none
History is enabled, history size is 20.
DNS resolution in show commands is enabled
Full user help is disabled
Allowed input transports are ssh.
Allowed output transports are none.
Preferred transport is none.`;
}
