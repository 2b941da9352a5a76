import type { PlatformTable } from "./table.ts";

export default {
  source:
    "prompts of scrapli's definitions; texts in part of scrapli's recorded session of an XRv 9000 6.5.3, and of excerpts of netmiko's issues 34, 88 and 89; the rest is general knowledge",
  prompts: [
    ["RP/0/RP0/CPU0:ios#", "privileged", "ios"],
    ["RP/0/RP0/CPU0:ios(config)#", "config", "ios"],
    ["RP/0/RSP0/CPU0:ios(config-if)#", "config", "ios"],
    ["RP/0/0/CPU0:ios(config-ospf-ar)#", "config", "ios"],
    ["RP/0/0/CPU0:XRv-1(config-isis)#", "config", "XRv-1"],
    ["RP/0/RP0/CPU0:i_o_s(config)#", "config", "i_o_s"],
    ["RP/0/RSP0/CPU0:ios(admin)#", "admin", "ios"],
    ["RP/0/RSP0/CPU0:ios(admin-config)#", "adminConfig", "ios"],
    ["RP/0/RSP0/CPU0:core-1.example.net#", "privileged", "core-1.example.net"],
  ],
  notPrompts: [
    "--More--",
    "ios#",
    "RP/0/RP0/CPU0:ios#show version",
    "RP/0/0/CPU0:May 20 12:43:30.620 : isis[1006]: %ROUTING-ISIS-6-INFO_STARTUP_START : Cold start",
    "Uncommitted changes found, commit them before exiting(yes/no/cancel)? [cancel]:",
    "!! IOS XR Configuration version = 6.5.3",
  ],
  otherDevices: ["RP/0/RP0/CPU0:other#", "RP/0/RP0/CPU0:io(config)#"],
  refusals: [
    [
      "                    ^\n% Invalid input detected at '^' marker.\n",
      "% Invalid input detected at '^' marker.",
    ],
    ["Fri May 28 23:21:34.740 UTC\n% Incomplete command.\n", "% Incomplete command."],
    ['% Ambiguous command:  "sh"\n', '% Ambiguous command:  "sh"'],
    ["% This command is not authorized\n", "% This command is not authorized"],
    [
      "RP/0/0/CPU0:May 20 12:43:34.390 : config[65808]: %MGBL-CONFIG-6-DB_COMMIT : Configuration committed\n% Incomplete command.\n",
      "% Incomplete command.",
    ],
  ],
  configRefusals: [
    [
      "% Failed to commit one or more configuration items\n",
      "% Failed to commit one or more configuration items",
    ],
    ["!!% The process 'bgp' is already running\n", "!!% The process 'bgp' is already running"],
  ],
  answers: [
    "Fri May 28 23:21:37.315 UTC\nBuilding configuration...\n!! IOS XR Configuration version = 6.5.3\nend\n",
    "% No such configuration item(s)\n",
  ],
  notices: ["% Confirming commit for trial session.\n", "% No configuration changes to commit.\n"],
} satisfies PlatformTable;
