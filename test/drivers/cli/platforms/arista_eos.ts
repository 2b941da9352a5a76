import type { PlatformTable } from "./table.ts";

export default {
  source:
    "prompts of scrapli's definitions and netmiko's driver, those of sessions after Arista's manual (Configure Session) and sessions shown in public blogs; texts in part of scrapli's recorded session of a vEOS 4.22.1F; the rest is general knowledge",
  prompts: [
    ["localhost>", "exec", "localhost"],
    ["localhost#", "privileged", "localhost"],
    ["localhost(s1)#", "privileged", "localhost"],
    ["localhost(something)>", "exec", "localhost"],
    ["localhost(some thing)#", "privileged", "localhost"],
    ["localhost(config)#", "config", "localhost"],
    ["localhost(config-if-Et1)#", "config", "localhost"],
    ["localhost(something)(config)#", "config", "localhost"],
    ["localhost(some thing)(config-s-tacocat)#", "config", "localhost"],
    ["eos_switch(config-s-scrapl-qos-profile-CORE-EGRESS-QUEUING-txq-5)#", "config", "eos_switch"],
    ["eos_switch(config-sg-tacacs+-my_group)#", "config", "eos_switch"],
    ["localhost(config-s-exampl-if-Ma1)#", "config", "localhost"],
    ["veos01(config-s-acl-ch-acl-mgmt)#", "config", "veos01"],
    ["localhost(config-s-NPdry_)#", "dryRun", "localhost"],
    ["localhost(config-s-NPdry_0123456789ab)#", "dryRun", "localhost"],
    ["localhost(some thing)(config-s-NPdry_)#", "dryRun", "localhost"],
    ["localhost(config-s-NPdry_-if-Et1)#", "dryRunLevel", "localhost"],
    ["localhost(config-s-NPdry_-acl-mgmt)#", "dryRunLevel", "localhost"],
    ["localhost(config-s-NPdry_0123456789ab-router-bgp-vrf-red)#", "dryRunLevel", "localhost"],
    ["localhost(config-s-NPdry)#", "config", "localhost"],
    ["[admin@localhost ~]$", "bash", "localhost"],
    ["[root@localhost flash]#", "bash", "localhost"],
  ],
  notPrompts: [
    "--More--",
    "Password:",
    "! device: localhost (vEOS, EOS-4.22.1F)",
    "localhost#show version",
    "Proceed with reload? [confirm]",
  ],
  otherDevices: ["leaf2#", "leaf2(config-s-NPdry_)#", "leaf2(config-s-NPdry_-if-Et1)#", "localhos(config)#"],
  refusals: [
    ["% Invalid input (privileged mode required)\n", "% Invalid input (privileged mode required)"],
    ["% Invalid input\n", "% Invalid input"],
    ["% Incomplete command\n", "% Incomplete command"],
    ["% Ambiguous command\n", "% Ambiguous command"],
    [
      "% Unavailable command (not supported on this hardware platform)\n",
      "% Unavailable command (not supported on this hardware platform)",
    ],
    ["% Authorization denied for command 'show run'\n", "% Authorization denied for command 'show run'"],
  ],
  configRefusals: [
    ["% Duplicate sequence number\n", "% Duplicate sequence number"],
    ["% Cannot commit session\n", "% Cannot commit session"],
    [
      "% Address 10.0.0.1/24 overlaps with existing subnet\n",
      "% Address 10.0.0.1/24 overlaps with existing subnet",
    ],
  ],
  answers: ["% Interface does not exist\n", "Pagination disabled.\n"],
  notices: [
    "! Interface does not exist. The configuration will not take effect until the module is inserted.\n",
  ],
} satisfies PlatformTable;
