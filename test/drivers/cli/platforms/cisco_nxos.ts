import type { PlatformTable } from "./table.ts";

export default {
  source:
    "prompts of scrapli's definitions and netmiko's driver; texts in part of scrapli's recorded session of a Nexus 9000v 9.2(4); the rest is general knowledge",
  prompts: [
    ["switch#", "privileged", "switch"],
    ["switch>", "exec", "switch"],
    ["switch(maint-mode)#", "privileged", "switch"],
    ["switch(config)#", "config", "switch"],
    ["switch(config-if)#", "config", "switch"],
    ["switch(config-subif)#", "config", "switch"],
    ["switch(config-vpc-domain)#", "config", "switch"],
    ["switch(config-tacacs+)#", "config", "switch"],
    ["switch(conf-tm-dest)#", "config", "switch"],
    ["switch(maint-mode)(config)#", "config", "switch"],
    ["switch(maint-mode)(config-if)#", "config", "switch"],
    ["switch(maint-mode)(config-tacacs+)#", "config", "switch"],
    ["switch(config-tcl)#", "tclsh", "switch"],
    ["switch(maint-mode-tcl)#", "tclsh", "switch"],
    ["switch(maint-mode)(config-tcl)#", "tclsh", "switch"],
    ["swi_tch#", "privileged", "swi_tch"],
    ["N9K-1.dc.example.net#", "privileged", "N9K-1.dc.example.net"],
  ],
  notPrompts: [
    "--More--",
    "[########################################] 100%",
    "Do you want to continue? (y/n)  [n]",
    "Password:",
    "switch# show version",
    "!Command: show running-config",
  ],
  otherDevices: ["leaf2#", "switch-tcl#", "switc#"],
  refusals: [
    ["              ^\n% Invalid command at '^' marker.\n", "% Invalid command at '^' marker."],
    ["% Incomplete command at '^' marker.\n", "% Incomplete command at '^' marker."],
    ["% Ambiguous command at '^' marker.\n", "% Ambiguous command at '^' marker."],
    [
      "       ^\n% Invalid parameter detected at '^' marker.\n",
      "% Invalid parameter detected at '^' marker.",
    ],
    ["         ^\n% Invalid number at '^' marker.\n", "% Invalid number at '^' marker."],
    ["% Permission denied for the role\n", "% Permission denied for the role"],
    ["Syntax error while parsing 'show fooo'\n", "Syntax error while parsing 'show fooo'"],
  ],
  configRefusals: [
    ["% Invalid ip address/mask\n", "% Invalid ip address/mask"],
    ["ERROR: VLAN 4095 is not allowed\n", "ERROR: VLAN 4095 is not allowed"],
  ],
  answers: [
    "% VLAN 99 not found in current VLAN database\n",
    "\n!Command: show running-config\n!Time: now\n",
  ],
  notices: ["Warning: Enable/Disable feature takes effect after reload\n"],
} satisfies PlatformTable;
