import { expect, test } from "bun:test";
import type { CliDriverArgs } from "../../../drivers/cli/args.ts";
import { cliDriver } from "../../../drivers/cli/index.ts";
import { platforms } from "../../../drivers/cli/platforms/index.ts";
import { systemClock } from "../../../src/core/clock.ts";
import type { DeviceSession } from "../../../src/device/driver.ts";
import { PLATFORM_NAMES } from "../../../src/lab/platforms/index.ts";
import { withLab } from "../../lab/support/with-lab.ts";
import { context, run } from "../support.ts";

/** What a network engineer does with a device of each platform, in its own words. */
interface Session {
  deviceType: string;
  /** What the login may not do without the enable password; null: everyone may everything. */
  needsEnable: string | null;
  show: [command: string, output: RegExp];
  /** Turns a page of ten lines on, and a command that prints several; null: it does not page by default. */
  paging: [string, string] | null;
  /** Lines of configuration that are all taken, and what the configuration shows of them. */
  config: string[];
  shown: string;
  /** Lines of which the second is refused, the device's words, and what the configuration shows of the first; `dropped`
   * where it is in force only with its last line. */
  refused: { lines: [string, string, string]; words: string; first: string; dropped?: true };
  /** Names the device anew. */
  rename: string | string[];
}

const sessions: Session[] = [
  {
    deviceType: "cisco_ios",
    needsEnable: "show running-config",
    show: ["show version", /^Cisco IOS Software, C2900/],
    paging: ["terminal length 10", "show running-config"],
    config: ["interface GigabitEthernet0/1", " description uplink to core, port 7", "exit"],
    shown: "description uplink to core, port 7",
    refused: {
      lines: ["interface Loopback9", "descripton wrong", "shutdown"],
      words: "% Invalid input detected at '^' marker.",
      first: "interface Loopback9",
    },
    rename: "hostname edge-9",
  },
  {
    deviceType: "cisco_nxos",
    needsEnable: null,
    show: ["show version", /NXOS: version 9\.2\(4\)/],
    paging: ["terminal length 10", "show running-config"],
    config: ["interface Ethernet1/7", "  description uplink to core, port 7", "vlan 10", "  name users"],
    shown: "description uplink to core, port 7",
    refused: {
      lines: ["interface loopback9", "descripton wrong", "shutdown"],
      words: "% Invalid command at '^' marker.",
      first: "interface loopback9",
    },
    rename: "hostname leaf-9",
  },
  {
    deviceType: "arista_eos",
    needsEnable: "show running-config",
    show: ["show version", /Software image version: 4\.22\.1F/],
    paging: ["terminal length 10", "show running-config"],
    config: ["interface Ethernet7", "   description uplink to core, port 7", "vlan 10", "   name users"],
    shown: "description uplink to core, port 7",
    refused: { lines: ["vlan 9", "nmae wrong", "exit"], words: "% Invalid input", first: "vlan 9" },
    rename: "hostname leaf-9",
  },
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
    deviceType: "cisco_asa",
    needsEnable: "show running-config",
    show: ["show version", /Cisco Adaptive Security Appliance Software Version 9\.8\(2\)/],
    paging: ["terminal pager 10", "show running-config"],
    config: ["interface GigabitEthernet0/1", " description uplink to core, port 7"],
    shown: "description uplink to core, port 7",
    refused: {
      lines: ["object network web", "hots 192.0.2.1", "description never"],
      words: "ERROR: % Invalid input detected at '^' marker.",
      first: "object network web",
    },
    rename: "hostname fw-9",
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
    deviceType: "huawei",
    needsEnable: null,
    show: ["display version", /^VRP \(R\) software, Version 5\.160/m],
    paging: ["screen-length 10 temporary", "display current-configuration"],
    config: ["interface GigabitEthernet0/0/7", " description uplink to core, port 7", "quit"],
    shown: "description uplink to core, port 7",
    refused: {
      lines: ["vlan 9", "descripton wrong", "description never"],
      words: "Error: Unrecognized command found at '^' position.",
      first: "vlan 9",
    },
    rename: "sysname edge-9",
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
    deviceType: "hp_comware",
    needsEnable: null,
    show: ["display version", /^H3C Comware Software, Version 7\.1\.045/],
    paging: ["undo screen-length disable", "display current-configuration"],
    config: ["interface GigabitEthernet1/0/7", " description uplink to core, port 7", "quit"],
    shown: "description uplink to core, port 7",
    refused: {
      lines: ["vlan 9", "descripton wrong", "description never"],
      words: " % Unrecognized command found at '^' position.",
      first: "vlan 9",
    },
    rename: "sysname edge-9",
  },
  {
    deviceType: "mikrotik_routeros",
    needsEnable: null,
    show: ["/system resource print", /^ +version: 7\.10 \(stable\)$/m],
    paging: null,
    config: [
      'interface ethernet set ether3 comment="uplink to core, port 7"',
      "/ip address",
      "add address=192.0.2.1/24 interface=ether3",
    ],
    shown: 'comment="uplink to core, port 7"',
    refused: {
      lines: [
        "/ip route add dst-address=198.51.100.0/24 gateway=192.0.2.2",
        "/ip adress add address=192.0.2.5/24",
        "/ip dns set servers=192.0.2.53",
      ],
      words: "bad command name adress (line 1 column 5)",
      first: "dst-address=198.51.100.0/24",
    },
    rename: "/system identity set name=edge-9",
  },
  {
    deviceType: "fortinet",
    needsEnable: null,
    show: ["get system status", /^Version: FortiGate-100F v7\.2\.5/],
    // The device pages by itself, and cannot be told for a session.
    paging: ["get system console", "show"],
    config: [
      "config system interface",
      "edit port7",
      'set alias "uplink to core, port 7"',
      "next",
      "edit port8",
      "set ip 192.0.2.1/24",
    ],
    shown: 'alias "uplink to core, port 7"',
    refused: {
      lines: ["config firewall address", "edti web", "set subnet 198.51.100.0/24"],
      words: "command parse error before 'web'",
      first: "config firewall address",
      dropped: true,
    },
    rename: ["config system global", "set hostname edge-9"],
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
    deviceType: "linux",
    needsEnable: "cat /etc/shadow",
    show: ["uname -a", /^Linux \S+ 6\.1\.0-9-amd64 /],
    paging: null,
    config: [
      'ip link set dev eth1 alias "uplink to core, port 7"',
      "sysctl -w net.ipv4.conf.all.rp_filter=1",
    ],
    shown: 'alias "uplink to core, port 7"',
    refused: {
      lines: [
        "sysctl -w net.ipv4.ip_forward=1",
        "sysclt -w net.ipv4.ip_forward=0",
        "hostnamectl set-hostname never",
      ],
      words: "bash: sysclt: command not found",
      first: "net.ipv4.ip_forward=1",
    },
    rename: "hostnamectl set-hostname edge-9",
  },
  {
    deviceType: "hp_procurve",
    needsEnable: "show running-config",
    show: ["show version", /YA\.15\.10/],
    paging: ["page", "show running-config"],
    config: ["interface 7", '   name "uplink to core, port 7"', "exit"],
    shown: 'name "uplink to core, port 7"',
    refused: { lines: ["vlan 9", "nmae wrong", "untagged 9"], words: "Invalid input: nmae", first: "vlan 9" },
    rename: 'hostname "edge-9"',
  },
  {
    deviceType: "aruba_aoscx",
    needsEnable: null,
    show: ["show version", /^Version +: GL\.10\.10/m],
    paging: ["page", "show running-config"],
    config: ["interface 1/1/7", "    description uplink to core, port 7", "exit"],
    shown: "description uplink to core, port 7",
    refused: {
      lines: ["vlan 9", "nmae wrong", "no shutdown"],
      words: "Invalid input: nmae",
      first: "vlan 9",
    },
    rename: "hostname edge-9",
  },
  {
    deviceType: "dell_os10",
    needsEnable: null,
    show: ["show version", /^OS Version: 10\.5\.2\.0$/m],
    paging: ["terminal length 10", "show running-config"],
    config: ["interface ethernet1/1/7", " description uplink to core, port 7", "exit"],
    shown: "description uplink to core, port 7",
    refused: {
      lines: ["interface ethernet1/1/99", "descripton wrong", "shutdown"],
      words: "% Error: Unrecognized command.",
      first: "interface ethernet1/1/99",
    },
    rename: "hostname edge-9",
  },
  {
    deviceType: "ubiquiti_edgeswitch",
    needsEnable: "show running-config",
    show: ["show version", /^Software Version\.+ 1\.9\.3$/m],
    paging: ["terminal length 10", "show running-config"],
    config: ["interface 0/7", "description uplink to core, port 7"],
    shown: "description uplink to core, port 7",
    refused: {
      lines: ["interface 0/99", "descripton wrong", "shutdown"],
      words: "% Invalid input detected at '^' marker.",
      first: "interface 0/99",
    },
    rename: 'hostname "edge-9"',
  },
  {
    deviceType: "extreme_exos",
    needsEnable: null,
    show: ["show version", /^Image {3}: ExtremeXOS version 30\.7/m],
    paging: ["enable clipaging", "show configuration"],
    config: ['configure ports 7 description-string "uplink to core, port 7"', "create vlan users tag 10"],
    shown: 'description-string "uplink to core, port 7"',
    refused: {
      lines: ["create vlan guests tag 9", "configure valn guests add ports 7", "configure ports 7 auto off"],
      words: "%% Invalid input detected at '^' marker.",
      first: "create vlan guests",
    },
    rename: 'configure snmp sysName "edge-9"',
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
  {
    deviceType: "alcatel_sros",
    needsEnable: null,
    show: ["show version", /^TiMOS-C-16\.0\.R5 /],
    paging: ["environment more", "admin display-config"],
    config: ["port 1/1/7", 'description "uplink to core, port 7"', "exit"],
    shown: 'description "uplink to core, port 7"',
    refused: {
      lines: ["port 1/1/99", "descripton wrong", "shutdown"],
      words: "Error: Bad command.",
      first: "port 1/1/99",
    },
    rename: 'system name "edge-9"',
  },
  {
    deviceType: "frr",
    needsEnable: null,
    show: ["show version", /^FRRouting 8\.4\.4/],
    paging: null,
    config: ["interface eth1", " description uplink to core, port 7", "exit"],
    shown: "description uplink to core, port 7",
    refused: {
      lines: ["interface eth9", "descripton wrong", "shutdown"],
      words: "% Unknown command: descripton wrong",
      first: "interface eth9",
    },
    rename: "hostname frr-9",
  },
];

test("every platform is played by the lab, and has its session here", () => {
  // The lab has no device of which nothing is known.
  const names = platforms.map(({ deviceType }) => deviceType).filter((name) => name !== "generic");
  expect(sessions.map(({ deviceType }) => deviceType).sort()).toEqual([...names].sort());
  expect([...PLATFORM_NAMES].sort()).toEqual([...names].sort());
});

/** Devices print the time, and what they print is compared. */
const sameTime = { ...systemClock, now: () => Date.UTC(2021, 4, 28, 23, 21, 34) };

const commands = (...lines: string[]) => ({ kind: "command" as const, commands: lines });
const config = (...lines: string[]) => ({ kind: "config" as const, lines });

async function connect(
  port: number,
  deviceType: string,
  secret?: string,
): Promise<DeviceSession<CliDriverArgs>> {
  const args = { host: "127.0.0.1", port, username: "admin", password: "admin", device_type: deviceType };
  return await cliDriver.connect(context(secret === undefined ? args : { ...args, secret }));
}

const cases = sessions.flatMap((each) =>
  [0, 1].map((chunkSize) => [each.deviceType, chunkSize, each] as const),
);

test.each(cases)(
  "%s over SSH, written %d bytes at a time",
  async (deviceType, chunkSize, { needsEnable, show, paging, config: lines, shown, refused, rename }) => {
    await using lab = await withLab({ platform: deviceType, chunkSize, clock: sameTime });
    const device = lab.device(0);
    const platform = platforms.find((each) => each.deviceType === deviceType);
    const { name } = device;
    const saves = platform?.save !== null;
    const drops = (platform?.candidate ?? null) !== null || refused.dropped === true;

    if (needsEnable !== null) {
      const user = await connect(device.port, deviceType);
      expect((await run(user, commands(needsEnable), {})).error).toMatchObject({ type: "CommandError" });
      await user.close();
      const wrong = await connect(device.port, deviceType, "not-admin");
      const { error } = await run(wrong, commands("show clock"), {});
      expect(error).toMatchObject({ type: "AuthenticationError", retryable: false });
      wrong.destroy();
    }
    const session = await connect(device.port, deviceType, "admin");

    const version = await run(session, commands(show[0]), {});
    expect(version.error).toBeNull();
    expect(version.outputs[0]?.stdout).toMatch(show[1]);

    if (paging !== null) {
      const whole = await run(session, commands(paging[1]), {});
      const paged = await run(session, commands(...paging), {});
      expect([whole.error, paged.error]).toEqual([null, null]);
      expect(paged.outputs[1]?.stdout.split("\n").length).toBeGreaterThan(30);
      expect(paged.outputs[1]?.stdout).toBe(whole.outputs[0]?.stdout ?? "");
      expect(whole.outputs[0]?.stdout).toContain(device.runningConfig().trim());
    }

    const applied = await run(session, config(...lines), { save: true });
    expect(applied.error).toBeNull();
    expect(applied.outputs.map(({ ok }) => ok)).toEqual(lines.map(() => true));
    expect(device.runningConfig()).toContain(shown);
    if (saves) expect(device.startupConfig()).toContain(shown);

    const no = await run(session, config(...refused.lines), { save: true });
    expect(no.outputs.map(({ ok }) => ok)).toEqual([!drops, false]);
    expect(no.error).toMatchObject({ type: "ConfigError" });
    expect(String(no.error)).toContain(`line 2 was refused: ${refused.words}`);
    const typed = device.log().map(({ text }) => text);
    expect(typed).not.toContain(refused.lines[2]);
    // What is in force at once stays; a candidate goes as a whole.
    expect(device.runningConfig().includes(refused.first)).toBe(!drops);
    expect(device.startupConfig()).not.toContain(refused.first);

    expect((await run(session, config(...[rename].flat()), {})).error).toBeNull();
    expect(device.hostname()).not.toBe(name);
    expect((await run(session, commands(show[0]), {})).error).toBeNull();
    await session.close();
  },
  30_000,
);
