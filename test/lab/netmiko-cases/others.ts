import type { NetmikoCase } from "./case.ts";

export const otherCases: readonly NetmikoCase[] = [
  [
    "mikrotik_routeros",
    {
      enable: false,
      show: "/system resource print",
      refused: "/system nonsense print",
      lines: ['/interface ethernet set ether3 comment="set by netmiko"'],
      commit: false,
      save: null,
      section: "/interface ethernet print",
    },
    {
      prompt: "[admin@lab-1] >",
      show: "version: 7.10",
      // netmiko counts off what the repeated line takes, and a character more.
      refused: "ad command name nonsense",
      section: 'comment="set by netmiko"',
    },
  ],
  [
    "fortinet",
    {
      enable: false,
      show: "get system status",
      refused: "get nonsense",
      lines: ["config system interface", "edit port7", 'set alias "set by netmiko"', "end"],
      commit: false,
      save: null,
      section: "show system interface",
    },
    {
      prompt: "lab-1 #",
      show: "Version: FortiGate-100F v7.2.5",
      refused: "command parse error before 'nonsense'",
      section: 'set alias "set by netmiko"',
    },
  ],
  [
    "linux",
    {
      enable: true,
      show: "uname -a",
      refused: "unmae -a",
      lines: ["ip link set dev eth1 alias 'set by netmiko'"],
      commit: false,
      save: null,
      section: "ip link show",
    },
    {
      // Debian's netmiko takes what switches bracketed paste on for part of the prompt.
      prompt: "\x1b[?2004hroot@lab-1:/home/admin#",
      left: "\x1b[?2004hadmin@lab-1:~$",
      show: "6.1.0-9-amd64",
      refused: "bash: unmae: command not found",
      section: "alias 'set by netmiko'",
    },
  ],
  [
    "hp_procurve",
    {
      enable: true,
      show: "show version",
      refused: "show nonsense",
      lines: ["interface 7", 'name "set by netmiko"'],
      commit: false,
      save: "save_config",
      section: "show running-config",
    },
    {
      prompt: "lab-1#",
      show: "YA.15.10",
      refused: "Invalid input: nonsense",
      section: 'name "set by netmiko"',
    },
  ],
  [
    "dell_os10",
    {
      enable: true,
      show: "show version",
      refused: "show nonsense",
      lines: ["interface ethernet1/1/7", "description set by netmiko"],
      commit: false,
      save: "save_config",
      section: "show running-configuration interface ethernet1/1/7",
    },
    {
      prompt: "lab-1#",
      show: "OS Version: 10.5.2.0",
      refused: "% Error: Unrecognized command.",
      section: " description set by netmiko",
    },
  ],
  [
    "ubiquiti_edgeswitch",
    {
      enable: true,
      show: "show version",
      refused: "show nonsense",
      lines: ["interface 0/7", "description set by netmiko", "exit"],
      commit: false,
      save: ["write memory", "y"],
      section: "show running-config",
    },
    {
      prompt: "(lab-1) #",
      show: "ES-24-250W",
      refused: "% Invalid input detected",
      section: "description set by netmiko",
    },
  ],
  [
    "extreme_exos",
    {
      enable: false,
      show: "show version",
      refused: "show nonsense",
      lines: ['configure ports 7 description-string "set by netmiko"'],
      commit: false,
      save: "save_config",
      section: "show configuration",
    },
    {
      prompt: /^lab-1\.\d+ #$/,
      show: "ExtremeXOS version 30.7",
      refused: "%% Invalid input detected",
      section: 'description-string "set by netmiko"',
    },
  ],
  [
    "alcatel_sros",
    {
      enable: false,
      show: "show version",
      refused: "show nonsense",
      lines: ["port 1/1/7", 'description "set by netmiko"'],
      commit: false,
      save: ["admin save"],
      section: "admin display-config",
    },
    {
      prompt: "A:lab-1#",
      show: "TiMOS-C-16.0.R5",
      refused: "Error: Bad command.",
      section: 'description "set by netmiko"',
    },
  ],
];
