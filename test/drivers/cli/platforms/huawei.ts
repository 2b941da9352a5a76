import type { PlatformTable } from "./table.ts";

export default {
  source:
    "prompts of scrapli's definitions and netmiko's driver; excerpts of netmiko's issues 1072 and 1299; the rest is general knowledge",
  prompts: [
    ["<SCRAPLI_HUAWEI-VRP_TEST_SW1>", "user", "SCRAPLI_HUAWEI-VRP_TEST_SW1"],
    ["HRP_M<SCRAPLI_HUAWEI-VRP_TEST_SW1>", "user", "SCRAPLI_HUAWEI-VRP_TEST_SW1"],
    ["HRP_S<SCRAPLI_HUAWEI-VRP_TEST_SW1>", "user", "SCRAPLI_HUAWEI-VRP_TEST_SW1"],
    ["HRP_A<SCRAPLI_HUAWEI-VRP_TEST_SW1>", "user", "SCRAPLI_HUAWEI-VRP_TEST_SW1"],
    ["[SCRAPLI_HUAWEI-VRP_TEST_SW1]", "system", "SCRAPLI_HUAWEI-VRP_TEST_SW1"],
    ["HRP_M[SCRAPLI_HUAWEI-VRP_TEST_SW1]", "system", "SCRAPLI_HUAWEI-VRP_TEST_SW1"],
    [
      "[SCRAPLI_HUAWEI-VRP_TEST_SW1-GigabitEthernet0/0/1]",
      "system",
      "SCRAPLI_HUAWEI-VRP_TEST_SW1-GigabitEthernet0/0/1",
    ],
    ["[Quidway-acl4-basic-2000]", "system", "Quidway-acl4-basic-2000"],
    ["<Quidway>", "user", "Quidway"],
  ],
  notPrompts: [
    "---- More ----",
    "[V200R009C00SPC500]",
    "[V200R003C00]",
    "[~HUAWEI]",
    "Are you sure to continue?[Y/N]",
    "The password needs to be changed. Change now? [Y/N]:",
    "<cr>-text",
    "#",
  ],
  // A syntax description, and a device whose name begins like ours.
  otherDevices: ["<cr>", "<SCRAPLI_HUAWEI-VRP_TEST_SW1-2>", "[SCRAPLI_HUAWEI-VRP_TEST_SW10]"],
  refusals: [
    [
      "           ^\nError: Unrecognized command found at '^' position.\n",
      "Error: Unrecognized command found at '^' position.",
    ],
    [
      "      ^\nError:Ambiguous command found at '^' position.\n",
      "Error:Ambiguous command found at '^' position.",
    ],
    [
      "  ^\nError: Incomplete command found at '^' position.\n",
      "Error: Incomplete command found at '^' position.",
    ],
    ["  ^\nError: Wrong parameter found at '^' position.\n", "Error: Wrong parameter found at '^' position."],
    ["Error: The VLAN does not exist.\n", "Error: The VLAN does not exist."],
  ],
  configRefusals: [],
  answers: ["Info: No log.\n", "[V200R009C00SPC500]\n#\n sysname HUAWEI\n#\nreturn\n"],
  notices: [
    "Info: This operation may take a few seconds. Please wait for a moment...done.\n",
    "Warning: SNMPv1/SNMPv2c is not secure, and SNMPv3 in either authentication or privacy mode is recommended.\n",
  ],
} satisfies PlatformTable;
