import { type ConfigEntry, type ConfigLook, lineOrder, parseConfig } from "../../cli/config-tree.ts";
import type { Seed } from "../../platform.ts";

export const configLook: ConfigLook = {
  order: lineOrder([
    "hostname|vdc|feature|no password|username|ip domain|copp|snmp-server|rmon|ntp",
    "vlan",
    "vrf context",
    "ip route",
    "interface",
    "line",
    "boot",
  ]),
  opens: /^(interface|vlan|vrf context|line) ?/,
  sectionEnd: null,
  joined: null,
  separator: "",
  indent: "  ",
};

/** The configuration a lab device starts with: a small leaf. */
export function factoryConfig({ hostname, index, username }: Seed): ConfigEntry {
  const net = `${((index + 1) >> 8) & 255}.${(index + 1) & 255}`;
  const ports = Array.from({ length: 48 }, (_, port) => `interface Ethernet1/${port + 1}`);
  return parseConfig(`hostname ${hostname}
feature telnet
feature nxapi
no password strength-check
username ${username} password 5 $5$LABLAB$labonlyhash role network-admin
ip domain-lookup
copp profile strict
snmp-server location Lab
ntp server 10.${net}.254
vlan 1
vrf context management
 ip route 0.0.0.0/0 10.${net}.254
${ports.join("\n")}
interface mgmt0
 vrf member management
 ip address 10.${net}.1/24
line console
line vty
boot nxos bootflash:/nxos.9.2.4.bin`);
}
