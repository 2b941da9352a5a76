import type { PlatformTable } from "./table.ts";

export default {
  source: "prompts of the other platforms, as an unknown device's",
  prompts: [
    ["router#", "cli", "router#"],
    ["<edge-1>", "cli", "<edge-1>"],
    ["[admin@MikroTik] /ip>", "cli", "[admin@MikroTik] /ip>"],
    ["user@host:~$", "cli", "user@host:~$"],
    ["root@mx1%", "cli", "root@mx1%"],
    ["Main menu (1-9)", "cli", "Main menu (1-9)"],
  ],
  notPrompts: [
    "Password:",
    "login:",
    "Copying 100%",
    "Continue? (y/n)?",
    "(y/n)",
    "--More-- or (q)uit:",
    "two words",
  ],
  otherDevices: ["router>", "<edge-2>"],
  refusals: [
    ["          ^\n% Invalid input detected at '^' marker.\n", "% Invalid input detected at '^' marker."],
    ["Unknown command: shwo\n", "Unknown command: shwo"],
    ["syntax error, expecting <command>.\n", "syntax error, expecting <command>."],
    ["-bash: shwo: command not found\n", "-bash: shwo: command not found"],
  ],
  configRefusals: [],
  answers: ["Error of a log\n", "Version 1.2.3\n"],
  notices: ["\n"],
} satisfies PlatformTable;
