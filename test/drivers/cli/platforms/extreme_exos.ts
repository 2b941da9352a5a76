import type { PlatformTable } from "./table.ts";

export default {
  source: "composed, not recorded: the prompts from netmiko's driver; the rest is general knowledge",
  prompts: [
    ["X440.1 #", "cli", "X440"],
    ["X440.23 #", "cli", "X440"],
    ["* X440.24 #", "cli", "X440"],
    ["* Slot-1 X440.25 #", "cli", "X440"],
    ["X440.26 >", "cli", "X440"],
    ["X440(debug).27 #", "cli", "X440"],
    ["edge-1.4 #", "cli", "edge-1"],
  ],
  notPrompts: [
    "Press <SPACE> to continue or <Q> to quit:",
    "X440.1 # show version",
    "# Module devmgr configuration.",
    "(y/N)",
    "* 1 #",
  ],
  otherDevices: ["X450.1 #", "* X450.2 #"],
  refusals: [
    ["      ^\n%% Invalid input detected at '^' marker.\n", "%% Invalid input detected at '^' marker."],
    ["%% Incomplete command\n", "%% Incomplete command"],
    ['%% Ambiguous command:  \n  "s"\n', "%% Ambiguous command:"],
  ],
  configRefusals: [["Error: Port 99 is invalid.\n", "Error: Port 99 is invalid."]],
  answers: ["Error: of a log\n", "ExtremeXOS version 30.7.1.1\n"],
  notices: ["\n"],
} satisfies PlatformTable;
