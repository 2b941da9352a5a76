import type { PlatformTable } from "./table.ts";

export default {
  source: "composed, not recorded: from netmiko's driver; modes and refusals are general knowledge",
  prompts: [
    ["HP-2530#", "privileged", "HP-2530"],
    ["HP-2530>", "exec", "HP-2530"],
    ["HP-2530(config)#", "config", "HP-2530"],
    ["HP-2530(eth-1)#", "config", "HP-2530"],
    ["HP-2530(vlan-10)#", "config", "HP-2530"],
    ["HP-2530(eth-1/A1-A4)#", "config", "HP-2530"],
    ["ProCurve Switch 2626#", "privileged", "ProCurve Switch 2626"],
  ],
  notPrompts: [
    "-- MORE --, next page: Space, next line: Enter, quit: Control-C",
    "Press any key to continue",
    "; J9779A Configuration Editor; Created on release #YA.15.10",
    "HP-2530# show version",
    "Username:",
  ],
  otherDevices: ["HP-2531#", "HP-2531(config)#"],
  refusals: [
    ["Invalid input: shwo\n", "Invalid input: shwo"],
    ["Ambiguous input: s\n", "Ambiguous input: s"],
    ["Incomplete input: show\n", "Incomplete input: show"],
    ["Module not present for port or invalid port: 99\n", "Module not present for port or invalid port: 99"],
  ],
  configRefusals: [["Error setting value 5000 for vlan-id\n", "Error setting value 5000 for vlan-id"]],
  answers: ["Error setting value in a log\n", "Image stamp: /ws/swbuildm\n YA.15.10\n"],
  notices: ["\n"],
} satisfies PlatformTable;
