import type { PlatformTable } from "./table.ts";

export default {
  source: "measured on FRRouting 8.4.4",
  prompts: [
    ["frr1#", "privileged", "frr1"],
    ["frr1>", "exec", "frr1"],
    ["core-1.example.net#", "privileged", "core-1.example.net"],
    ["frr1(config)#", "config", "frr1"],
    ["frr1(config-if)#", "config", "frr1"],
    ["frr1(config-router)#", "config", "frr1"],
    ["frr1(config-route-map)#", "config", "frr1"],
  ],
  notPrompts: [
    "% Unknown command: show fooo",
    "S>* 192.0.2.0/24",
    "Hello, this is FRRouting",
    "C>*",
    "--More--",
  ],
  // The codes of a routing table.
  otherDevices: ["K>", "frr2#"],
  refusals: [
    ["% Unknown command: show fooo\n", "% Unknown command: show fooo"],
    ["% Command incomplete: show\n", "% Command incomplete: show"],
    ["% Ambiguous command: sh ip r\n", "% Ambiguous command: sh ip r"],
    ["% There is no matched command.\n", "% There is no matched command."],
  ],
  configRefusals: [
    ["% Configuration failed.\n\nError type: validation\n", "% Configuration failed."],
    [
      "% Specify remote-as or peer-group commands first\n",
      "% Specify remote-as or peer-group commands first",
    ],
  ],
  answers: ["% Can't find interface eth9\n", "K>* 0.0.0.0/0 [0/100] via 10.0.0.1, eth0\n"],
  notices: ["% Warning: this takes effect after a restart\n"],
} satisfies PlatformTable;
