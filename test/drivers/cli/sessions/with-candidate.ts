import type { LabSession } from "./lab-session.ts";

export const withCandidate: readonly LabSession[] = [
  {
    deviceType: "cisco_xr",
    needsEnable: null,
    show: ["show version", /^Cisco IOS XR Software, Version 6\.5\.3\n/],
    paging: ["terminal length 10", "show running-config"],
    config: ["interface GigabitEthernet0/0/0/7", " description uplink to core, port 7", "exit"],
    shown: "description uplink to core, port 7",
    refused: {
      lines: ["interface Loopback9", "descripton wrong", "shutdown"],
      words: "% Invalid input detected at '^' marker.; nothing was committed",
      first: "interface Loopback9",
    },
    rename: "hostname core-9",
  },
  {
    deviceType: "juniper_junos",
    needsEnable: null,
    show: ["show version", /^Hostname: \S+\nModel: mx240\nJunos: 17\.3R2\.10$/m],
    paging: ["set cli screen-length 10", "show configuration"],
    config: [
      'set interfaces ge-0/0/7 description "uplink to core, port 7"',
      "set system location building A",
    ],
    shown: 'description "uplink to core, port 7";',
    refused: {
      lines: [
        "set system domain-name lab.example",
        "set system domian-name x",
        "set system ntp server 10.0.0.1",
      ],
      words: "syntax error.; nothing was committed",
      first: "lab.example",
    },
    rename: "set system host-name edge-9",
  },
  {
    deviceType: "huawei_vrpv8",
    needsEnable: null,
    show: ["display version", /^VRP \(R\) software, Version 8\.190/m],
    paging: ["screen-length 10 temporary", "display current-configuration"],
    config: ["interface GigabitEthernet0/0/7", " description uplink to core, port 7", "quit"],
    shown: "description uplink to core, port 7",
    refused: {
      lines: ["vlan 9", "descripton wrong", "description never"],
      words: "Error: Unrecognized command found at '^' position.; nothing was committed",
      first: "vlan 9",
    },
    rename: "sysname edge-9",
  },
  {
    deviceType: "paloalto_panos",
    needsEnable: null,
    show: ["show system info", /^sw-version: 10\.1\.9$/m],
    paging: ["set cli pager on", "show config running"],
    config: [
      'set network interface ethernet ethernet1/7 comment "uplink to core, port 7"',
      "set deviceconfig system timezone UTC",
    ],
    shown: 'comment "uplink to core, port 7";',
    refused: {
      lines: [
        "set deviceconfig system location lab",
        "set deviceconfig sytem location x",
        "set deviceconfig system timezone CET",
      ],
      words: "Invalid syntax.; nothing was committed",
      first: "location lab",
    },
    rename: "set deviceconfig system hostname edge-9",
  },
  {
    deviceType: "vyos",
    needsEnable: null,
    show: ["show version", /^Version: +VyOS 1\.4/],
    paging: ["set terminal length 10", "show configuration"],
    config: ['set interfaces ethernet eth7 description "uplink to core, port 7"', "set system time-zone CET"],
    shown: 'description "uplink to core, port 7"',
    refused: {
      lines: [
        "set system domain-name lab.example",
        "set sytem domain-name x",
        "set system name-server 192.0.2.53",
      ],
      words: "  Configuration path: [sytem domain-name x] is not valid; nothing was committed",
      first: "lab.example",
    },
    rename: "set system host-name edge-9",
  },
  {
    deviceType: "nokia_sros",
    needsEnable: null,
    show: ["show version", /^TiMOS-C-22\.10\.R1 /],
    paging: ["environment more true", "admin show configuration"],
    config: [
      'configure port 1/1/c7/1 description "uplink to core, port 7"',
      "configure",
      "system location lab",
    ],
    shown: 'description "uplink to core, port 7"',
    refused: {
      lines: [
        "configure system location lab9",
        "configure sytem location x",
        "configure router autonomous-system 65000",
      ],
      words: "MINOR: MGMT_CORE #2201: Unknown element - 'sytem'; nothing was committed",
      first: "location lab9",
    },
    rename: "configure system name edge-9",
  },
];
