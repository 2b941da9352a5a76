import { type ConfigEntry, lineOrder, parseConfig } from "../../cli/config-tree.ts";
import type { Seed } from "../../platform.ts";
import { serialNumber } from "./hardware.ts";
import { hashSecret, saltFor } from "./secrets.ts";

/** The configuration a lab device starts with: a small branch router. */
export function factoryConfig(seed: Seed): ConfigEntry {
  const { hostname, username, index } = seed;
  const n = index + 1;
  const net = `${(n >> 8) & 255}.${n & 255}`;
  const secret = hashSecret(seed.password, saltFor(`${hostname}/${username}`));
  const enable = hashSecret(seed.enable, saltFor(`${hostname}/enable`));
  const privilege = seed.privilege === 15 ? "privilege 15 " : "";
  return parseConfig(`version 15.7
service timestamps debug datetime msec
service timestamps log datetime msec
service password-encryption
hostname ${hostname}
boot-start-marker
boot-end-marker
logging buffered 51200 warnings
${seed.enable === "" ? "!" : `enable secret 5 ${enable}`}
no aaa new-model
no ip domain lookup
ip domain name lab.example
ip cef
no ipv6 cef
multilink bundle-name authenticated
license udi pid CISCO2911/K9 sn ${serialNumber(index)}
license boot module c2900 technology-package securityk9
username ${username} ${privilege}secret 5 ${secret}
redundancy
ip ssh version 2
interface Loopback0
 description Management
 ip address 10.255.${net} 255.255.255.255
interface GigabitEthernet0/0
 description WAN uplink
 ip address 10.${net}.1 255.255.255.0
 duplex auto
 speed auto
interface GigabitEthernet0/1
 description LAN
 ip address 172.16.${n & 255}.1 255.255.255.0
 duplex auto
 speed auto
interface GigabitEthernet0/2
 no ip address
 shutdown
 duplex auto
 speed auto
interface GigabitEthernet0/0/0
 no ip address
interface GigabitEthernet0/0/1
 no ip address
interface GigabitEthernet0/0/2
 no ip address
interface GigabitEthernet0/0/3
 no ip address
interface Vlan1
 no ip address
router ospf 1
 router-id 10.255.${net}
 passive-interface GigabitEthernet0/1
 network 10.0.0.0 0.255.255.255 area 0
ip forward-protocol nd
no ip http server
no ip http secure-server
ip route 0.0.0.0 0.0.0.0 10.${net}.254
access-list 10 permit 10.0.0.0 0.255.255.255
snmp-server location Lab, rack ${(n >> 5) + 1}, unit ${(n & 31) + 1}
control-plane
banner motd ^C
**************************************************
*  Simulated device. Authorized access only.     *
**************************************************
^C
line con 0
 logging synchronous
line aux 0
line vty 0 15
 exec-timeout 0 0
 login local
 transport preferred none
 transport input ssh
scheduler allocate 20000 1000
ntp server 10.${net}.254`);
}

/** Where lines stand in the running configuration. */
export const CONFIG_ORDER = lineOrder([
  "version|service",
  "hostname",
  "boot-",
  "logging buffered",
  "enable",
  "aaa",
  "clock",
  "ip domain",
  "ip name-server",
  "ip cef|ipv6 cef",
  "multilink",
  "license",
  "spanning-tree",
  "username",
  "redundancy",
  "vlan",
  "lldp",
  "ip ssh",
  "interface Loopback",
  "interface Tunnel",
  "interface Port-channel",
  "interface GigabitEthernet",
  "interface Vlan",
  "router",
  "ip forward-protocol",
  "ip http",
  "ip route",
  "ip access-list",
  "logging",
  "access-list",
  "snmp-server",
  "control-plane",
  "banner",
  "line",
  "scheduler",
  "ntp",
]);

/** Where lines stand within an interface. */
export const INTERFACE_ORDER = lineOrder([
  "description",
  "mtu",
  "bandwidth",
  "encapsulation",
  "switchport",
  "ip address",
  "ip",
  "standby",
  "load-interval",
  "shutdown",
  "duplex",
  "speed",
]);
