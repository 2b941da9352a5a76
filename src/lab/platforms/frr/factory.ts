import { type ConfigEntry, lineOrder, parseConfig } from "../../cli/config-tree.ts";
import type { Seed } from "../../platform.ts";

/** The configuration a lab device starts with: a small border router. */
export function factoryConfig({ hostname, index }: Seed): ConfigEntry {
  const n = index + 1;
  const net = `${(n >> 8) & 255}.${n & 255}`;
  return parseConfig(`frr version 8.4.4
frr defaults traditional
hostname ${hostname}
log syslog informational
no ipv6 forwarding
service integrated-vtysh-config
ip route 0.0.0.0/0 10.${net}.254
interface eth0
 description uplink
 ip address 10.${net}.1/24
interface eth1
 ip address 172.16.${n & 255}.1/24
interface lo
 ip address 10.255.${net}/32
router bgp 65001
 bgp router-id 10.255.${net}
 neighbor 10.${net}.254 remote-as 65000`);
}

/** Where lines stand in the running configuration. */
export const CONFIG_ORDER = lineOrder([
  "frr|hostname|log|ip forwarding|ipv6 forwarding|service",
  "ip prefix-list",
  "ip route",
  "interface",
  "router",
  "access-list",
  "route-map",
  "banner",
  "line",
]);
