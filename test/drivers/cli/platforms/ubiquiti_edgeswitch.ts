import type { PlatformTable } from "./table.ts";

export default {
  source: "composed, not recorded: from netmiko's driver and general knowledge of FASTPATH",
  prompts: [
    ["(UBNT EdgeSwitch) #", "privileged", "UBNT EdgeSwitch"],
    ["(UBNT EdgeSwitch) >", "exec", "UBNT EdgeSwitch"],
    ["(UBNT EdgeSwitch) (Config)#", "config", "UBNT EdgeSwitch"],
    ["(UBNT EdgeSwitch) (Interface 0/1)#", "config", "UBNT EdgeSwitch"],
    ["(UBNT EdgeSwitch) (Vlan)#", "config", "UBNT EdgeSwitch"],
    ["(edge-1.example.net) #", "privileged", "edge-1.example.net"],
  ],
  notPrompts: [
    "--More-- or (q)uit",
    "(y/n)",
    "(UBNT EdgeSwitch) #show version",
    "!Current Configuration:",
    "Password:",
  ],
  otherDevices: ["(UBNT EdgeSwitch 2) #", "(edge) (Config)#"],
  refusals: [
    ["          ^\n% Invalid input detected at '^' marker.\n", "% Invalid input detected at '^' marker."],
    ['% Ambiguous command. Hint: press "?"\n', '% Ambiguous command. Hint: press "?"'],
    [
      "Command not found / Incomplete command. Use ? to list commands.\n",
      "Command not found / Incomplete command. Use ? to list commands.",
    ],
  ],
  configRefusals: [["ERROR: VLAN does not exist\n", "ERROR: VLAN does not exist"]],
  answers: ["ERROR: of a log\n", "Switch: 1\nSystem Description............ EdgeSwitch 24-Port 250W\n"],
  notices: ["\n"],
} satisfies PlatformTable;
