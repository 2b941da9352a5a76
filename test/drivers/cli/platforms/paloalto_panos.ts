import type { PlatformTable } from "./table.ts";

export default {
  source: "composed, not recorded: from netmiko's and scrapli's drivers and general knowledge",
  prompts: [
    ["admin@PA-1>", "operational", "admin@PA-1"],
    ["admin@PA-1#", "config", "admin@PA-1"],
    ["admin@PA-1(active)>", "operational", "admin@PA-1"],
    ["admin@PA-1(passive)#", "config", "admin@PA-1"],
    ["admin@PA-1(active-primary)>", "operational", "admin@PA-1"],
    ["net.ops@fw1.example.net>", "operational", "net.ops@fw1.example.net"],
  ],
  notPrompts: [
    "[edit]",
    "admin@PA-1> show system info",
    "--more--",
    "...........55%....98%........100%",
    "hostname: PA-1",
    "<response status='success'>",
  ],
  otherDevices: ["admin@PA-2>", "root@PA-1#"],
  refusals: [
    ["Unknown command: shwo\n", "Unknown command: shwo"],
    ["Invalid syntax.\n", "Invalid syntax."],
    ["Server error : set is invalid\n", "Server error : set is invalid"],
    ["Validation Error:\n network is invalid\n", "Validation Error:"],
  ],
  configRefusals: [["hostname is invalid\n", "hostname is invalid"]],
  answers: ["Error: of a log\n", "hostname: PA-1\nsw-version: 10.1.9\n"],
  notices: ["\n"],
} satisfies PlatformTable;
