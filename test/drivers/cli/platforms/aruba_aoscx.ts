import type { PlatformTable } from "./table.ts";

export default {
  source: "general knowledge of AOS-CX 10",
  prompts: [
    ["8325#", "privileged", "8325"],
    ["8325>", "exec", "8325"],
    ["8325(config)#", "config", "8325"],
    ["8325(config-if)#", "config", "8325"],
    ["8325(config-if-<1/1/1-1/1/4>)#", "config", "8325"],
    ["8325(config-vlan-10)#", "config", "8325"],
    ["leaf1.example.net#", "privileged", "leaf1.example.net"],
  ],
  notPrompts: [
    "-- MORE --, next page: Space, next line: Enter, quit: q",
    "!Version ArubaOS-CX GL.10.10.1000",
    "8325# show version",
    "Current configuration:",
    "8325(debug)#",
  ],
  otherDevices: ["8326#", "8326(config)#"],
  refusals: [
    ["Invalid input: shwo\n", "Invalid input: shwo"],
    ["% Command incomplete.\n", "% Command incomplete."],
    ["% Ambiguous command.\n", "% Ambiguous command."],
    ["Cannot execute command. Command not allowed.\n", "Cannot execute command. Command not allowed."],
  ],
  configRefusals: [["Failed to create VLAN 4095\n", "Failed to create VLAN 4095"]],
  answers: ["Error in a log\n", "ArubaOS-CX\nVersion      : GL.10.10.1000\n"],
  notices: ["\n"],
} satisfies PlatformTable;
