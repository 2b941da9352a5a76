import type { PlatformTable } from "./table.ts";

export default {
  source:
    "prompts of scrapli's definitions and netmiko's driver; excerpts of netmiko's issues 1072 and 2625; the rest is general knowledge",
  prompts: [
    ["<HUAWEI>", "user", "HUAWEI"],
    ["[~HUAWEI]", "system", "HUAWEI"],
    ["[*HUAWEI]", "system", "HUAWEI"],
    ["[HUAWEI]", "system", "HUAWEI"],
    ["HRP_M<HUAWEI>", "user", "HUAWEI"],
    ["[~HUAWEI-GigabitEthernet0/0/1]", "system", "HUAWEI-GigabitEthernet0/0/1"],
    ["[*c2-huawei-acl4-basic-2000]", "system", "c2-huawei-acl4-basic-2000"],
    [
      "[~SCRAPLI_HUAWEI-VRP_TEST_SW1-GigabitEthernet0/0/1]",
      "system",
      "SCRAPLI_HUAWEI-VRP_TEST_SW1-GigabitEthernet0/0/1",
    ],
  ],
  notPrompts: [
    "---- More ----",
    "[V200R005C10SPC607B607]",
    "Warning: Uncommitted configurations found, commit them before exiting? [Y(yes)/N(no)/C(cancel)]:",
    "Enter system view, return user view with return command.",
    "Committing..",
  ],
  otherDevices: ["<cr>", "[*OTHER]", "<HUAWEI-2>"],
  refusals: [
    [
      "  ^\nError: Unrecognized command found at '^' position.\n",
      "Error: Unrecognized command found at '^' position.",
    ],
    ["Error: The interface does not exist.\n", "Error: The interface does not exist."],
  ],
  configRefusals: [],
  answers: ["Info: No log.\n"],
  notices: [
    "Warning: SNMPv1/SNMPv2c is not secure, and SNMPv3 in either authentication or privacy mode is recommended.\n",
  ],
} satisfies PlatformTable;
