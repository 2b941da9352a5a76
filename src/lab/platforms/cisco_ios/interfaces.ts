import { type ConfigEntry, settingOf } from "../../cli/config-tree.ts";
import type { CliState } from "../../cli/model.ts";
import { macAddress } from "./hardware.ts";

/** An interface as the running configuration makes it. */
export interface Interface {
  name: string;
  /** Position among the interfaces; MAC addresses and counters follow from it. */
  index: number;
  address: string | null;
  mask: string | null;
  description: string | null;
  status: "up" | "down" | "administratively down";
  protocol: "up" | "down";
  config: ConfigEntry;
}

export function interfaces(state: CliState): Interface[] {
  const sections = state.running.children.filter((entry) => entry.text.startsWith("interface "));
  const name = (entry: ConfigEntry) => entry.text.slice("interface ".length);
  return sections.sort((a, b) => order(name(a)).localeCompare(order(name(b)))).map(readInterface);
}

function readInterface(config: ConfigEntry, index: number): Interface {
  const name = config.text.slice("interface ".length);
  const [address = null, mask = null] = settingOf(config, "ip address")?.split(" ") ?? [];
  const shut = config.children.some((entry) => entry.text === "shutdown");
  // What has neither cable nor address stays down; loopbacks need neither.
  const linked = address !== null || name.startsWith("Loopback");
  const up = !shut && linked;
  return {
    name,
    index,
    address: address === "dhcp" ? null : address,
    mask,
    description: settingOf(config, "description") ?? null,
    status: shut ? "administratively down" : up ? "up" : "down",
    protocol: up ? "up" : "down",
    config,
  };
}

/** Devices list ports first, by number, then what is made of software. */
function order(name: string): string {
  const rank = name.startsWith("Gigabit") ? "0" : "1";
  const [, type = "", numbers = ""] = /^([A-Za-z-]+)(.*)$/.exec(name) ?? [];
  const parts = numbers.split(/([/.])/).map((part) => (/\d/.test(part) ? part.padStart(10, "0") : part));
  const card = (numbers.match(/\//g) ?? []).length;
  return `${rank}${type}${card}${parts.join("")}`;
}

export function showIpInterfaceBrief(state: CliState): string {
  const head = "Interface                  IP-Address      OK? Method Status                Protocol";
  const lines = interfaces(state).map(({ name, address, status, protocol }) => {
    const method = address === null ? "unset " : "NVRAM ";
    return `${name.padEnd(26)} ${(address ?? "unassigned").padEnd(15)} YES ${method} ${status.padEnd(21)} ${protocol.padEnd(8)}`;
  });
  return [head, ...lines].join("\n");
}

export function showInterfacesDescription(state: CliState): string {
  const head = "Interface                      Status         Protocol Description";
  const lines = interfaces(state).map(({ name, status, protocol, description }) => {
    const short = status === "administratively down" ? "admin down" : status;
    const brief = name.replace("GigabitEthernet", "Gi").replace("Loopback", "Lo");
    return `${brief.padEnd(30)} ${short.padEnd(14)} ${protocol.padEnd(8)} ${description ?? ""}`;
  });
  return [head, ...lines].join("\n");
}

/** One interface by its full name, or all; null if there is no such interface. */
export function showInterfaces(state: CliState, name: string | undefined): string | null {
  const all = interfaces(state);
  const wanted = name === undefined ? all : all.filter((one) => one.name === name);
  if (wanted.length === 0) return null;
  return wanted.map((one) => statistics(state, one)).join("\n");
}

function statistics(state: CliState, one: Interface): string {
  return [
    ...identity(state, one),
    ...(isVirtual(one) ? virtualLink(one) : wire(one)),
    ...counters(state, one),
  ].join("\n");
}

function isVirtual({ name }: Interface): boolean {
  return !name.startsWith("Gigabit");
}

function identity(state: CliState, one: Interface): string[] {
  const mac = macAddress(state.seed.index, one.index);
  const hardware = isVirtual(one)
    ? `  Hardware is ${one.name.replace(/\d.*$/, "")}`
    : `  Hardware is CN Gigabit Ethernet, address is ${mac} (bia ${mac})`;
  const lines = [`${one.name} is ${one.status}, line protocol is ${one.protocol} `, hardware];
  if (one.description !== null) lines.push(`  Description: ${one.description}`);
  if (one.address !== null) lines.push(`  Internet address is ${one.address}/${maskLength(one.mask ?? "")}`);
  return lines;
}

function wire(one: Interface): string[] {
  const mtu = settingOf(one.config, "mtu") ?? "1500";
  const bandwidth = settingOf(one.config, "bandwidth") ?? "1000000";
  const media = one.protocol === "up" ? "Full Duplex, 1Gbps" : "Auto Duplex, Auto Speed";
  return [
    `  MTU ${mtu} bytes, BW ${bandwidth} Kbit/sec, DLY 10 usec, `,
    "     reliability 255/255, txload 1/255, rxload 1/255",
    "  Encapsulation ARPA, loopback not set",
    "  Keepalive set (10 sec)",
    `  ${media}, media type is RJ45`,
    "  output flow-control is unsupported, input flow-control is unsupported",
    "  ARP type: ARPA, ARP Timeout 04:00:00",
    `  Last input ${one.protocol === "up" ? "00:00:00" : "never"}, output ${one.protocol === "up" ? "00:00:00" : "never"}, output hang never`,
  ];
}

function virtualLink(one: Interface): string[] {
  return [
    "  MTU 1514 bytes, BW 8000000 Kbit/sec, DLY 5000 usec, ",
    "     reliability 255/255, txload 1/255, rxload 1/255",
    `  Encapsulation ${one.name.startsWith("Loopback") ? "LOOPBACK" : "ARPA"}, loopback not set`,
    "  Keepalive set (10 sec)",
    "  Last input never, output never, output hang never",
  ];
}

/** Traffic grows with the device's uptime, at a rate of each interface's own. */
function counters(state: CliState, one: Interface): string[] {
  const seconds = Math.floor((state.chassis.clock.monotonic() - state.bootedAt) / 1000);
  const rate =
    one.protocol === "up" && !isVirtual(one) ? 3 + ((one.index * 7 + state.seed.index * 13) % 41) : 0;
  const packets = rate * seconds;
  return [
    '  Last clearing of "show interface" counters never',
    "  Input queue: 0/75/0/0 (size/max/drops/flushes); Total output drops: 0",
    "  Queueing strategy: fifo",
    "  Output queue: 0/40 (size/max)",
    `  5 minute input rate ${rate * 1000} bits/sec, ${rate} packets/sec`,
    `  5 minute output rate ${rate * 900} bits/sec, ${rate} packets/sec`,
    `     ${packets} packets input, ${packets * 125} bytes, 0 no buffer`,
    `     Received ${Math.floor(packets / 97)} broadcasts (0 IP multicasts)`,
    "     0 runts, 0 giants, 0 throttles ",
    "     0 input errors, 0 CRC, 0 frame, 0 overrun, 0 ignored",
    `     0 watchdog, ${Math.floor(packets / 113)} multicast, 0 pause input`,
    `     ${packets} packets output, ${packets * 112} bytes, 0 underruns`,
    "     0 output errors, 0 collisions, 1 interface resets",
    "     0 unknown protocol drops",
    "     0 babbles, 0 late collision, 0 deferred",
    "     1 lost carrier, 0 no carrier, 0 pause output",
    "     0 output buffer failures, 0 output buffers swapped out",
  ];
}

export function addressNumber(address: string): number {
  return address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
}

/** Bits of a mask such as 255.255.255.0; -1 for one with holes. */
export function maskLength(mask: string): number {
  const bits = addressNumber(mask).toString(2).padStart(32, "0");
  return /^1*0*$/.test(bits) ? bits.replace(/0+$/, "").length : -1;
}

/** The interface, other than `except`, whose network holds an address of the one given. */
export function overlapping(
  state: CliState,
  address: string,
  mask: string,
  except: string,
): Interface | undefined {
  return interfaces(state).find((other) => {
    if (other.name === except || other.address === null || other.mask === null) return false;
    const size = 2 ** (32 - Math.min(maskLength(mask), maskLength(other.mask)));
    const network = (text: string) => Math.floor(addressNumber(text) / size);
    return network(address) === network(other.address);
  });
}
