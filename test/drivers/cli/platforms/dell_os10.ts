import type { PlatformTable } from "./table.ts";

export default {
  source: "composed, not recorded: `copy …` from netmiko's driver; the rest is general knowledge",
  prompts: [
    ["OS10#", "privileged", "OS10"],
    ["OS10>", "exec", "OS10"],
    ["OS10(config)#", "config", "OS10"],
    ["OS10(conf-if-eth1/1/1)#", "config", "OS10"],
    ["OS10(conf-range-eth1/1/1-1/1/4)#", "config", "OS10"],
    ["leaf1.example.net#", "privileged", "leaf1.example.net"],
  ],
  notPrompts: [
    "--More--",
    "% Error: Unrecognized command.",
    "OS10# show version",
    "! Version 10.5.2.0",
    "OS10(debug)#",
  ],
  otherDevices: ["OS11#", "OS11(config)#"],
  refusals: [
    ["% Error: Unrecognized command.\n", "% Error: Unrecognized command."],
    ["           ^\n% Error: Illegal parameter.\n", "% Error: Illegal parameter."],
    ["% Error: Incomplete command.\n", "% Error: Incomplete command."],
  ],
  configRefusals: [["% Error: Interface does not exist\n", "% Error: Interface does not exist"]],
  answers: ["% Error of a log\n", "Dell EMC Networking OS10 Enterprise\nOS Version: 10.5.2.0\n"],
  notices: ["% Info: set\n"],
} satisfies PlatformTable;
