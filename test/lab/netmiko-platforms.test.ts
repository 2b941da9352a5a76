import { expect, test } from "bun:test";
import { join } from "node:path";
import type { LabAlgorithms } from "../../src/lab/options.ts";
import { must, program } from "../support/process.ts";
import { withLab } from "./support/with-lab.ts";

const DEADLINE_MS = 120_000;
/** Debian's own interpreter: the one that has Debian's packages. */
const PYTHON = "/usr/bin/python3";

interface Steps {
  enable: boolean;
  show: string;
  refused: string;
  lines: string[];
  commit: boolean;
  /** What is typed, where netmiko does not do it by itself. */
  save: "save_config" | string[] | null;
  /** Shows what the lines have done. */
  section: string;
}

/** A second opinion on the lab: netmiko's own drivers take its devices for what they are. */
const cases: [
  deviceType: string,
  steps: Steps,
  seen: { prompt: string | RegExp; left?: string; show: string; refused: string; section: string },
][] = [
  [
    "cisco_nxos",
    {
      enable: true,
      show: "show version",
      refused: "show nonsense",
      lines: ["interface Ethernet1/7", "description set by netmiko"],
      commit: false,
      save: "save_config",
      section: "show running-config interface Ethernet1/7",
    },
    {
      prompt: "lab-1#",
      show: "NXOS: version 9.2(4)",
      refused: "% Invalid command at '^' marker.",
      section: "  description set by netmiko",
    },
  ],
  [
    "arista_eos",
    {
      enable: true,
      show: "show version",
      refused: "show nonsense",
      lines: ["interface Ethernet7", "description set by netmiko"],
      commit: false,
      save: "save_config",
      section: "show running-config interfaces Ethernet7",
    },
    {
      prompt: "lab-1#",
      show: "Software image version: 4.22.1F",
      refused: "% Invalid input",
      section: "   description set by netmiko",
    },
  ],
  [
    "cisco_asa",
    {
      enable: true,
      show: "show version",
      refused: "show nonsense",
      lines: ["interface GigabitEthernet0/1", "description set by netmiko"],
      commit: false,
      save: "save_config",
      section: "show running-config interface GigabitEthernet0/1",
    },
    {
      prompt: "lab-1#",
      show: "Software Version 9.8(2)",
      refused: "ERROR: % Invalid input detected",
      section: " description set by netmiko",
    },
  ],
  [
    "cisco_xr",
    {
      enable: false,
      show: "show version",
      refused: "show nonsense",
      lines: ["interface GigabitEthernet0/0/0/7", "description set by netmiko"],
      commit: true,
      save: null,
      section: "show running-config interface GigabitEthernet0/0/0/7",
    },
    {
      prompt: "RP/0/RP0/CPU0:lab-1#",
      show: "Version 6.5.3",
      refused: "% Invalid input detected",
      section: " description set by netmiko",
    },
  ],
  [
    "juniper_junos",
    {
      enable: false,
      show: "show version",
      refused: "show nonsense",
      lines: ['set interfaces ge-0/0/7 description "set by netmiko"'],
      commit: true,
      save: null,
      section: "show configuration interfaces ge-0/0/7",
    },
    {
      prompt: "admin@lab-1>",
      show: "Junos: 17.3R2.10",
      refused: "syntax error",
      section: 'description "set by netmiko";',
    },
  ],
  [
    "huawei",
    {
      enable: false,
      show: "display version",
      refused: "display nonsense",
      lines: ["interface GigabitEthernet0/0/7", "description set by netmiko"],
      commit: false,
      save: ["save", "y", ""],
      section: "display current-configuration | include netmiko",
    },
    {
      prompt: "<lab-1>",
      show: "Version 5.160",
      refused: "Error: Unrecognized command found",
      section: " description set by netmiko",
    },
  ],
  [
    "huawei_vrpv8",
    {
      enable: false,
      show: "display version",
      refused: "display nonsense",
      lines: ["interface GigabitEthernet0/0/7", "description set by netmiko"],
      commit: true,
      save: ["save", "y", ""],
      section: "display current-configuration | include netmiko",
    },
    {
      prompt: "<lab-1>",
      show: "Version 8.190",
      refused: "Error: Unrecognized command found",
      section: " description set by netmiko",
    },
  ],
  [
    "hp_comware",
    {
      enable: false,
      show: "display version",
      refused: "display nonsense",
      lines: ["interface GigabitEthernet1/0/7", "description set by netmiko"],
      commit: false,
      save: "save_config",
      section: "display current-configuration | include netmiko",
    },
    {
      prompt: "<lab-1>",
      // netmiko saves in system view, which it takes for a privileged mode, and stays there.
      left: "[lab-1]",
      show: "Version 7.1.045",
      refused: "% Unrecognized command found",
      section: " description set by netmiko",
    },
  ],
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
    "paloalto_panos",
    {
      enable: false,
      show: "show system info",
      refused: "show nonsense",
      lines: ['set network interface ethernet ethernet1/7 comment "set by netmiko"'],
      commit: true,
      save: null,
      section: "show config running",
    },
    {
      prompt: "admin@lab-1>",
      show: "sw-version: 10.1.9",
      refused: "Unknown command: show",
      section: 'comment "set by netmiko";',
    },
  ],
  [
    "vyos",
    {
      enable: false,
      show: "show version",
      refused: "show nonsense",
      lines: ['set interfaces ethernet eth7 description "set by netmiko"'],
      commit: true,
      save: null,
      section: "show configuration",
    },
    {
      prompt: "admin@lab-1:~$",
      show: "VyOS 1.4",
      refused: "Invalid command: [nonsense]",
      section: 'description "set by netmiko"',
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

/** Some prompts count. */
function matching(expected: string | RegExp): unknown {
  return typeof expected === "string" ? expected : expect.stringMatching(expected);
}

test.concurrent.each(cases)(
  "netmiko shows, configures and saves on %s",
  async (deviceType, steps, expected) => {
    // What netmiko has for FortiOS offers nothing newer.
    const algorithms: LabAlgorithms = { kex: ["ecdh-sha2-nistp256", "diffie-hellman-group14-sha1"] };
    await using lab = await withLab({
      platform: deviceType,
      ...(deviceType === "fortinet" ? { algorithms } : {}),
    });
    const device = lab.device(0);
    const argv = [
      join(import.meta.dir, "netmiko_platform.py"),
      String(device.port),
      deviceType,
      JSON.stringify(steps),
    ];
    const seen = JSON.parse(
      await must([program(PYTHON, "python3-netmiko"), ...argv], { deadline: DEADLINE_MS }),
    );
    expect(seen).toMatchObject({
      prompt: matching(expected.prompt),
      left: matching(expected.left ?? expected.prompt),
      show: expect.stringContaining(expected.show),
      refused: expect.stringContaining(expected.refused),
      section: expect.stringContaining(expected.section),
    });
    expect(device.runningConfig()).toContain("set by netmiko");
    if (steps.save !== null) expect(device.startupConfig()).toContain("set by netmiko");
  },
  DEADLINE_MS,
);
