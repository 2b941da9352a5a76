import type { PlatformTable } from "./table.ts";

export default {
  source: "prompts of scrapli's definitions and netmiko's driver; the rest is general knowledge",
  prompts: [
    ["ACME-FIREWALL>", "exec", "ACME-FIREWALL"],
    ["ACME-FIREWALL#", "privileged", "ACME-FIREWALL"],
    ["ACME-FIREWALL(config)#", "config", "ACME-FIREWALL"],
    ["ACME-FIREWALL(config-if)#", "config", "ACME-FIREWALL"],
    ["ACME-FIREWALL(config-network-object)#", "config", "ACME-FIREWALL"],
    ["ACME_FIREWALL/act/pri>", "exec", "ACME_FIREWALL/act/pri"],
    ["ACME-FIREWALL.local>", "exec", "ACME-FIREWALL.local"],
    ["SYSCONT/CTX1#", "privileged", "SYSCONT/CTX1"],
    ["SYSCONT/CTX1/act/sec#", "privileged", "SYSCONT/CTX1/act/sec"],
    ["SYSCONT/CTX1/act/sec(config)#", "config", "SYSCONT/CTX1/act/sec"],
  ],
  notPrompts: [
    "<--- More --->",
    "Password:",
    "Type help or '?' for a list of available commands.",
    "ACME-FIREWALL# show version",
    "Cryptochecksum: 6a3c1f2b 1ac07e5f 7b7a7b5a 1f0a8c4d",
  ],
  otherDevices: ["OTHER#", "ACME-FIREWALL/CTX1#"],
  refusals: [
    [
      "             ^\nERROR: % Invalid input detected at '^' marker.\n",
      "ERROR: % Invalid input detected at '^' marker.",
    ],
    ["ERROR: % Incomplete command\n", "ERROR: % Incomplete command"],
    ['ERROR: % Ambiguous command:  "sh"\n', 'ERROR: % Ambiguous command:  "sh"'],
    ["ERROR: % Unrecognized command\n", "ERROR: % Unrecognized command"],
    ["Command authorization failed\n", "Command authorization failed"],
    ["ERROR: Command requires failover license\n", "ERROR: Command requires failover license"],
  ],
  configRefusals: [
    ["ERROR: object (web) does not exist.\n", "ERROR: object (web) does not exist."],
    ["ERROR: Failed to apply IP address\n", "ERROR: Failed to apply IP address"],
  ],
  answers: ["ERROR: access-list <none> does not exist\n", "No objects found\n"],
  notices: [
    "WARNING: Failover is enabled but standby IP address is not configured for this interface.\n",
    'INFO: Security level for "inside" set to 100 by default.\n',
  ],
} satisfies PlatformTable;
