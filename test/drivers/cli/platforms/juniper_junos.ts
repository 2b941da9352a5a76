import type { PlatformTable } from "./table.ts";

export default {
  source:
    "prompts of scrapli's definitions; texts in part of scrapli's recorded session of an SRX4100 17.3; the rest is general knowledge",
  prompts: [
    ["netops@mx1>", "operational", "netops@mx1"],
    ["netops@mx1#", "config", "netops@mx1"],
    ["rancid@router2.xyz6>", "operational", "rancid@router2.xyz6"],
    ["rancid@router2.xyz6#", "config", "rancid@router2.xyz6"],
    ["username@MX-960-PE1>", "operational", "username@MX-960-PE1"],
    ["username@SRX-4600-FW1#", "config", "username@SRX-4600-FW1"],
    ["pyclass@pynet-jnpr-srx1>", "operational", "pyclass@pynet-jnpr-srx1"],
    ["root@vsrx>", "operational", "root@vsrx"],
    ["root@vsrx#", "config", "root@vsrx"],
    ["root@%", "shell", "root@"],
    ["root@vsrx%", "shell", "root@vsrx"],
    ["root@vsrx:~#", "shell", "root@vsrx"],
    ["root@vMX1_RE:/var/home/regress #", "shell", "root@vMX1_RE"],
  ],
  notPrompts: [
    "---(more)---",
    "---(more 57%)---",
    "[edit]",
    "{master:0}[edit interfaces ge-0/0/0]",
    "Discard uncommitted changes? [yes,no] (yes)",
    "netops@mx1> show version",
    "## Last commit: 2021-05-28 22:43:53 UTC by boxen",
  ],
  otherDevices: ["netops@mx2>", "other@mx1#"],
  refusals: [
    ["            ^\nsyntax error, expecting <command>.\n\n", "syntax error, expecting <command>."],
    ["       ^\nunknown command.\n", "unknown command."],
    ["           ^\nsyntax error.\n", "syntax error."],
    ["        ^\n'in' is ambiguous.\nPossible completions:\n", "'in' is ambiguous."],
    ["                   ^\nmissing argument.\n", "missing argument."],
    ["error: permission denied: configure\n", "error: permission denied: configure"],
  ],
  configRefusals: [
    [
      "                            ^\ninvalid value '300.1.1.1' in ip address: '300.1.1.1'\n",
      "invalid value '300.1.1.1' in ip address: '300.1.1.1'",
    ],
    ["error: statement not found\n", "error: statement not found"],
  ],
  answers: [
    "error: the routing subsystem is not running\n",
    "{master}\n## Last commit: 2021\nversion 17.3R2.10;\n",
  ],
  notices: ["warning: statement not found\n"],
} satisfies PlatformTable;
