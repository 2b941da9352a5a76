import type { ConfigEntry } from "../../cli/config-tree.ts";
import type { Seed } from "../../platform.ts";
import { Statements } from "../shared/statements.ts";

export const junosStatements = new Statements(
  [
    "system / host-name <name:word>",
    "system / domain-name <name:word>",
    "system / location / building <name:text>",
    "* system / name-server <server:ip>",
    "* system / ntp / server <server:ip>",
    "system / services / ssh / protocol-version v2",
    "* system / login / user <name:word> / class <class:word>",
    "* system / syslog / file <name:word> / <facility:word> <level:word>",
    "interfaces / <name:word> / description <text:text>",
    "interfaces / <name:word> / disable",
    "interfaces / <name:word> / mtu <bytes:int 256-9192>",
    "* interfaces / <name:word> / unit <number:int 0-16385> / family inet / address <address:prefix>",
    "* protocols / bgp / group <name:word> / type external",
    "* protocols / bgp / group <name:word> / peer-as <as:int 1-4294967295>",
    "* protocols / bgp / group <name:word> / neighbor <peer:ip>",
    "* routing-options / static / route <prefix:prefix> / next-hop <hop:ip>",
  ],
  ["system", "interfaces", "routing-options", "protocols"],
  ";",
);

/** Why the configuration cannot be committed, as the device says it. */
export function commitProblem(root: ConfigEntry): string | null {
  for (const { text: statement } of root.children) {
    const [, group = "", peer = ""] =
      /^protocols \/ bgp \/ (group \S+) \/ (neighbor \S+)$/.exec(statement) ?? [];
    const hasPeer = root.children.some(({ text }) =>
      text.startsWith(`protocols / bgp / ${group} / peer-as `),
    );
    if (group === "" || hasPeer) continue;
    return `[edit protocols bgp ${group}]
  '${peer}'
    Error in ${peer} of ${group}:
    peer AS number must be configured for an external peer
error: configuration check-out failed`;
  }
  return null;
}

/** The configuration a lab device starts with: a small edge router. */
export function factoryConfig({ hostname, index, username }: Seed): ConfigEntry {
  const net = `${((index + 1) >> 8) & 255}.${(index + 1) & 255}`;
  const ports = Array.from(
    { length: 12 },
    (_, port) => `interfaces ge-0/0/${port} unit 0 family inet address 172.16.${port}.1/24`,
  );
  return junosStatements.of([
    `system host-name ${hostname}`,
    "system services ssh protocol-version v2",
    `system login user ${username} class super-user`,
    "system syslog file messages any any",
    "system syslog file interactive-commands interactive-commands any",
    ...ports,
    `interfaces fxp0 unit 0 family inet address 10.${net}.1/24`,
    `routing-options static route 0.0.0.0/0 next-hop 10.${net}.254`,
  ]);
}
