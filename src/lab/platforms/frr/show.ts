import { type ConfigEntry, type ConfigLook, configLines, settingOf } from "../../cli/config-tree.ts";
import type { Answer, Call, CliState } from "../../cli/model.ts";
import { CONFIG_ORDER } from "./factory.ts";

const VERSION = "8.4.4";

export const configLook: ConfigLook = {
  order: CONFIG_ORDER,
  opens: /^(interface|router|line|route-map) /,
  sectionEnd: "exit",
  joined: null,
  separator: "!",
  indent: " ",
};

interface Interface {
  name: string;
  index: number;
  addresses: string[];
  description: string | null;
  isUp: boolean;
}

function interfaces(state: CliState): Interface[] {
  const sections = state.running.children.filter((entry) => entry.text.startsWith("interface "));
  return sections.map((section, i) => ({
    name: section.text.slice("interface ".length),
    index: i + 1,
    addresses: section.children.flatMap(({ text }) => /^ip address (\S+)$/.exec(text)?.[1] ?? []),
    description: settingOf(section, "description") ?? null,
    isUp: !section.children.some(({ text }) => text === "shutdown"),
  }));
}

export const GREETING = `\nHello, this is FRRouting (version ${VERSION}).\nCopyright 1996-2005 Kunihiro Ishiguro, et al.\n\n`;

export function showVersion({ state }: Call): Answer {
  const hostname = settingOf(state.running, "hostname") ?? "(null)";
  return `FRRouting ${VERSION} (${hostname}) on Linux(6.1.0-18-amd64).
Copyright 1996-2005 Kunihiro Ishiguro, et al.
configured with:
    '--build=x86_64-linux-gnu' '--prefix=/usr' '--includedir=\${prefix}/include' '--mandir=\${prefix}/share/man' '--infodir=\${prefix}/share/info' '--sysconfdir=/etc' '--localstatedir=/var' '--disable-option-checking' '--disable-silent-rules' '--libdir=\${prefix}/lib/x86_64-linux-gnu' '--libexecdir=\${prefix}/lib/x86_64-linux-gnu' '--disable-maintainer-mode' '--localstatedir=/var/run/frr' '--sbindir=/usr/lib/frr' '--sysconfdir=/etc/frr' '--with-vtysh-pager=/usr/bin/pager' '--libdir=/usr/lib/x86_64-linux-gnu/frr' '--with-moduledir=/usr/lib/x86_64-linux-gnu/frr/modules' '--disable-dependency-tracking' '--enable-rpki' '--disable-scripting' '--disable-pim6d' '--with-libpam' '--enable-doc' '--enable-doc-html' '--enable-snmp' '--enable-fpm' '--disable-protobuf' '--disable-zeromq' '--enable-ospfapi' '--enable-bgp-vnc' '--enable-multipath=256' '--enable-user=frr' '--enable-group=frr' '--enable-vty-group=frrvty' '--enable-configfile-mask=0640' '--enable-logfile-mask=0640' 'build_alias=x86_64-linux-gnu' 'PYTHON=python3'`;
}

export function configText(_state: CliState, config: ConfigEntry): string {
  const lines = configLines(config, configLook);
  return ["Building configuration...", "", "Current configuration:", "!", ...lines, "end"].join("\n");
}

/** What is kept in the file shows without the words around it. */
export function startupText(config: ConfigEntry): string {
  return config.children.length === 0 ? "" : configLines(config, configLook).join("\n");
}

export function showInterfaceBrief({ state }: Call): Answer {
  const rows = interfaces(state).flatMap(({ name, isUp, addresses }) => {
    const [first = "", ...others] = addresses;
    const row = `${name.padEnd(15)} ${(isUp ? "up" : "down").padEnd(7)} ${"default".padEnd(15)} ${first}`;
    return [row, ...others.map((address) => `${" ".repeat(40)}${address}`)];
  });
  return [
    "Interface       Status  VRF             Addresses",
    "---------       ------  ---             ---------",
    ...rows,
    "",
    "",
  ].join("\n");
}

export function showInterface({ state, args }: Call): Answer {
  const name = args.name;
  const wanted = interfaces(state).filter((one) => name === undefined || one.name === name);
  if (wanted.length === 0) return `% Can't find interface ${name}`;
  return wanted.map(interfaceText).join("\n");
}

function interfaceText({ name, index, isUp, description, addresses }: Interface): string {
  const isLoopback = name === "lo";
  return [
    `Interface ${name} is ${isUp ? "up, line protocol is up" : "down"}`,
    "  Link ups:       0    last: (never)",
    "  Link downs:     0    last: (never)",
    "  vrf: default",
    ...(description === null ? [] : [`  Description: ${description}`]),
    `  index ${index} metric 0 mtu ${isLoopback ? 65536 : 1500} speed ${isLoopback ? 0 : 10000} `,
    `  flags: <UP,${isLoopback ? "LOOPBACK" : "BROADCAST"},RUNNING${isLoopback ? "" : ",MULTICAST"}>`,
    `  Type: ${isLoopback ? "Loopback" : "Ethernet"}`,
    ...addresses.map((address) => `  inet ${address}`),
    "  Interface Type Other",
    "  Interface Slave Type None",
    "  protodown: off ",
  ].join("\n");
}

export function showIpRoute({ state }: Call): Answer {
  const fixed = state.running.children.flatMap(({ text }) => {
    const [, prefix = "", hop = ""] = /^ip route (\S+) (\S+)/.exec(text) ?? [];
    return prefix === "" ? [] : [`S>* ${prefix} [1/0] via ${hop}, weight 1, 01w5d04h`];
  });
  const connected = interfaces(state).flatMap(({ name, isUp, addresses }) =>
    isUp
      ? addresses.map((address) => `C>* ${networkOf(address)} is directly connected, ${name}, 01w5d04h`)
      : [],
  );
  return `Codes: K - kernel route, C - connected, S - static, R - RIP,
       O - OSPF, I - IS-IS, B - BGP, E - EIGRP, N - NHRP,
       T - Table, v - VNC, V - VNC-Direct, A - Babel, F - PBR,
       f - OpenFabric,
       > - selected route, * - FIB route, q - queued, r - rejected, b - backup
       t - trapped, o - offload failure

${[...fixed, ...connected].join("\n")}`;
}

function networkOf(prefix: string): string {
  const [address = "", length = "32"] = prefix.split("/");
  const size = 2 ** (32 - Number(length));
  const value = address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
  const network = Math.floor(value / size) * size;
  const parts = [24, 16, 8, 0].map((shift) => Math.floor(network / 2 ** shift) % 256);
  return `${parts.join(".")}/${length}`;
}
