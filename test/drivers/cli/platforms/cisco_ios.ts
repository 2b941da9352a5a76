import type { PlatformTable } from "./table.ts";

const marker = "% Invalid input detected at '^' marker.";

export default {
  source: "prompts of netmiko's driver and scrapli's definitions; the rest is general knowledge",
  prompts: [
    ["Router>", "exec", "Router"],
    ["Router#", "privileged", "Router"],
    ["C9300-48P.example-net#", "privileged", "C9300-48P.example-net"],
    ["edge_01/1@lab:a#", "privileged", "edge_01/1@lab:a"],
    ["Router(config)#", "config", "Router"],
    ["Router(config-if)#", "config", "Router"],
    ["Router(config-router-af)#", "config", "Router"],
    ["Router(config-ext-nacl)#", "config", "Router"],
    ["Router(dhcp-config)#", "config", "Router"],
    ["Router(ca-trustpoint)#", "config", "Router"],
    ["Router(cfg-crypto-trans)#", "config", "Router"],
    ["Router(conf-ssh-pubkey)#", "config", "Router"],
    ["Router(vlan)#", "config", "Router"],
    ["a-host-name-of-twenty(config)#", "config", "a-host-name-of-twenty"],
    ["Router(tcl)#", "tclsh", "Router"],
  ],
  notPrompts: [
    "Password:",
    "% Bad secrets",
    "########################",
    "+>",
    "Router#show version",
    "description to Router#",
    "--More--",
    "Proceed with reload? [confirm]",
    "Cisco IOS Software [Cupertino] #1",
    "<output>",
    "-->",
    "rommon 1 >",
  ],
  otherDevices: ["Switch#", "Route#", "Router2#", "Rout(config)#"],
  refusals: [
    [`         ^\n${marker}\n\n`, marker],
    ['% Ambiguous command:  "sh"\n', '% Ambiguous command:  "sh"'],
    ["% Incomplete command.\n\n", "% Incomplete command."],
    [
      'Translating "shwo"...domain server (255.255.255.255)\n% Unknown command or computer name, or unable to find computer address\n',
      "% Unknown command or computer name, or unable to find computer address",
    ],
    ["Command authorization failed.\n\n", "Command authorization failed."],
    ["% Authorization failed.\n", "% Authorization failed."],
    [
      "*Mar  1 00:11:22.333: %SYS-5-CONFIG_I: Configured from console by vty0\n% Incomplete command.\n",
      "% Incomplete command.",
    ],
    [`copied 20 lines\nthen it failed\n${marker}\n\n`, marker],
  ],
  configRefusals: [
    ["% 10.0.0.0 overlaps with GigabitEthernet0/1\n", "% 10.0.0.0 overlaps with GigabitEthernet0/1"],
    ["Bad mask 0xFF00FF00 for address 10.0.0.1\n", "Bad mask 0xFF00FF00 for address 10.0.0.1"],
    ["% Invalid address\n", "% Invalid address"],
    ["%Error: interface does not exist\n", "%Error: interface does not exist"],
  ],
  answers: [
    // A log that quotes a refusal.
    "*Mar  1 00:01:02.003: %PARSER-5: refused: % Invalid input detected\nmore\n",
    // A banner in the configuration, an indented line, and an answer that says no.
    "version 17.3\nbanner motd ^C\n% Invalid input detected\n^C\nend\n",
    "interface Vlan1\n description % Incomplete command\n",
    "% No such neighbor or address family\n",
  ],
  notices: [
    "% Access VLAN does not exist. Creating vlan 10\n",
    "%Warning: portfast should only be enabled on ports connected to a single host.\n",
    "% Interface GigabitEthernet0/1 IPv4 disabled and address(es) removed due to enabling VRF A\n",
  ],
} satisfies PlatformTable;
