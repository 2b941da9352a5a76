import type { PlatformTable } from "./table.ts";

export default {
  source: "composed, not recorded: from netmiko's driver and general knowledge",
  prompts: [
    ["vyos@vyos:~$", "operational", "vyos@vyos"],
    ["vyos@vyos#", "config", "vyos@vyos"],
    ["vyos@vyos:/config/scripts$", "operational", "vyos@vyos"],
    ["net-ops@edge1.example.net:~$", "operational", "net-ops@edge1.example.net"],
  ],
  notPrompts: [
    "[edit]",
    "[edit interfaces ethernet eth0]",
    ":",
    "(END)",
    "vyos@vyos:~$ show version",
    "Done",
  ],
  otherDevices: ["vyos@vyos2:~$", "root@vyos#"],
  refusals: [
    ["\n  Invalid command: [shwo]\n\n", "  Invalid command: [shwo]"],
    ["\n  Incomplete command: show ip\n\n", "  Incomplete command: show ip"],
    ["\n  Ambiguous command: s\n\n", "  Ambiguous command: s"],
    ["-vbash: nonsense: command not found\n", "-vbash: nonsense: command not found"],
  ],
  configRefusals: [
    [
      "\n  Configuration path: [interfaces etehrnet] is not valid\n  Set failed\n\n",
      "  Configuration path: [interfaces etehrnet] is not valid",
    ],
    ["\n  Value validation failed\n  Set failed\n\n", "  Value validation failed"],
    [
      "  Nothing to delete (the specified node does not exist)\n",
      "  Nothing to delete (the specified node does not exist)",
    ],
  ],
  answers: ["Error: of a log\n", "Version:          VyOS 1.4-rolling\n"],
  notices: ["\n  Configuration path: [system host-name edge1] already exists\n\n"],
} satisfies PlatformTable;
