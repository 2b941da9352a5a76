import type { PlatformTable } from "./table.ts";

export default {
  source: "prompts of netmiko's and scrapli's drivers and oxidized's model; the rest is general knowledge",
  prompts: [
    ["<H3C>", "user", "H3C"],
    ["[H3C]", "system", "H3C"],
    ["[H3C-GigabitEthernet1/0/1]", "system", "H3C-GigabitEthernet1/0/1"],
    ["[H3C-M-GigabitEthernet0/0/0]", "system", "H3C-M-GigabitEthernet0/0/0"],
    ["[LwS0-dhcp-pool-vlan40]", "system", "LwS0-dhcp-pool-vlan40"],
    ["RBM_P<H3C>", "user", "H3C"],
    ["RBM_P[H3C-acl-ipv4-adv-3000]", "system", "H3C-acl-ipv4-adv-3000"],
    ["<HPE-5130.core>", "user", "HPE-5130.core"],
  ],
  notPrompts: [
    "---- More ----",
    "Press Y or ENTER to continue, N to exit.",
    "flash:/startup.cfg exists, overwrite? [Y/N]:",
    "System View: return to User View with Ctrl+Z.",
    "#",
  ],
  otherDevices: ["<cr>", "[S5500]", "<H3C-2>"],
  refusals: [
    [
      "             ^\n % Unrecognized command found at '^' position.\n",
      " % Unrecognized command found at '^' position.",
    ],
    ["    ^\n % Incomplete command found at '^' position.\n", " % Incomplete command found at '^' position."],
    ["    ^\n % Ambiguous command found at '^' position.\n", " % Ambiguous command found at '^' position."],
    ["    ^\n % Wrong parameter found at '^' position.\n", " % Wrong parameter found at '^' position."],
    [
      "    ^\n % Too many parameters found at '^' position.\n",
      " % Too many parameters found at '^' position.",
    ],
    ["Permission denied.\n", "Permission denied."],
  ],
  configRefusals: [
    ["Error: The VLAN does not exist.\n", "Error: The VLAN does not exist."],
    ["Invalid IP address.\n", "Invalid IP address."],
  ],
  answers: ["Error: no such log\n", "#\n version 7.1.045\n#\nreturn\n"],
  notices: ["This operation might take a long time. Please wait...\n"],
} satisfies PlatformTable;
