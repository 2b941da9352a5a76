import type { PlatformTable } from "./table.ts";

export default {
  source:
    "composed, not recorded: from netmiko's and scrapli's drivers; objects and refusals are general knowledge",
  prompts: [
    ["FGT-1 #", "root", "FGT-1"],
    ["FGT-1 $", "root", "FGT-1"],
    ["FGT-1 (global) #", "object", "FGT-1"],
    ["FGT-1 (interface) #", "object", "FGT-1"],
    ["FGT-1 (port1) $", "object", "FGT-1"],
    ["FGT-1 (VPN to Berlin) #", "object", "FGT-1"],
    ["fw1.example.net #", "root", "fw1.example.net"],
  ],
  notPrompts: [
    "--More--",
    "FGT-1 # get system status",
    "config system interface",
    "(Press 'a' to accept):",
    "end",
  ],
  otherDevices: ["FGT-2 #", "FGT-2 (global) #"],
  refusals: [
    [
      "command parse error before 'sytem'\nCommand fail. Return code -61\n",
      "command parse error before 'sytem'",
    ],
    ["Unknown action 0\n", "Unknown action 0"],
    ["\nvalue parse error before '999'\nCommand fail. Return code -651\n", "value parse error before '999'"],
    ["incomplete command in the end\nCommand fail. Return code -160\n", "incomplete command in the end"],
  ],
  configRefusals: [
    [
      "\nentry not found in datasource\n\nvalue parse error before 'port99'\nCommand fail. Return code -3\n",
      "entry not found in datasource",
    ],
    ["node_check_object fail! for interface \n", "node_check_object fail! for interface"],
    ["Attribute 'gateway' MUST be set.\nCommand fail. Return code -56\n", "Attribute 'gateway' MUST be set."],
  ],
  answers: [
    "Version: FortiGate-100F v7.2.5,build1517,230606 (GA.F)\n",
    "entry not found in datasource of a log\n",
  ],
  notices: ["new entry '5' added\n"],
} satisfies PlatformTable;
