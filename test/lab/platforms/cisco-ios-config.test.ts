import { describe, expect, test } from "bun:test";
import type { CliClient } from "../support/cli-client.ts";
import { withLab } from "../support/with-lab.ts";

async function configuring(client: CliClient): Promise<void> {
  await client.enable();
  expect(await client.run("configure terminal")).toBe(
    "Enter configuration commands, one per line.  End with CNTL/Z.\n",
  );
}

async function all(client: CliClient, lines: string[]): Promise<void> {
  for (const line of lines) expect(await client.run(line)).toBe("");
}

describe("configure terminal", () => {
  test("changes what show running-config shows, line by line", async () => {
    await using lab = await withLab();
    const client = await lab.login();
    await configuring(client);
    await all(client, [
      "int lo10",
      "desc test loopback",
      "ip addr 192.0.2.10 255.255.255.255",
      "ip route 198.51.100.0 255.255.255.0 10.0.1.9",
      "router bgp 65010",
      "neighbor 10.0.1.9 remote-as 65009",
      "end",
    ]);
    expect(await client.run("show running-config | section Loopback10")).toBe(
      "interface Loopback10\n description test loopback\n ip address 192.0.2.10 255.255.255.255\n",
    );
    expect(await client.run("show running-config | include ip route 198")).toBe(
      "ip route 198.51.100.0 255.255.255.0 10.0.1.9\n",
    );
    expect(await client.run("show running-config | section bgp")).toBe(
      "router bgp 65010\n bgp log-neighbor-changes\n neighbor 10.0.1.9 remote-as 65009\n",
    );
    expect(await client.run("show ip interface brief | include Loopback10")).toMatch(
      /192\.0\.2\.10 +YES NVRAM +up/,
    );
  });

  test("a setting replaces itself, no takes it away", async () => {
    await using lab = await withLab();
    const client = await lab.login();
    await configuring(client);
    await all(client, ["interface gi0/2", "description one", "description two", "no shutdown"]);
    const shown = () => client.run("do show running-config | section GigabitEthernet0/2");
    expect(await shown()).toBe(
      "interface GigabitEthernet0/2\n description two\n no ip address\n duplex auto\n speed auto\n",
    );
    await all(client, ["no description", "shutdown"]);
    expect(await shown()).toContain("interface GigabitEthernet0/2\n no ip address\n shutdown\n");
    await all(client, ["no interface Loopback0", "no ip route 0.0.0.0 0.0.0.0 10.0.1.254"]);
    expect(await client.run("do show running-config | count Loopback0|ip route")).toContain("= 0\n");
  });

  test("modes show in the prompt; exit goes one up, Ctrl-Z and end all the way", async () => {
    await using lab = await withLab();
    const client = await lab.login();
    await configuring(client);
    const prompts: string[] = [];
    for (const line of [
      "interface gi0/1",
      "router ospf 1",
      "line vty 0 15",
      "vlan 20",
      "exit",
      "int gi 0/1",
    ]) {
      client.type(`${line}\r`);
      prompts.push((await client.until(/\(config[^)]*\)#$/)).split("\n").at(-1) ?? "");
    }
    expect(prompts).toEqual([
      "lab-1(config-if)#",
      "lab-1(config-router)#",
      "lab-1(config-line)#",
      "lab-1(config-vlan)#",
      "lab-1(config)#",
      "lab-1(config-if)#",
    ]);
    client.type("\x1a");
    expect(await client.until(/#$/)).toBe("^Z\r\nlab-1#");
  });

  test("a new hostname is in the next prompt, cut at 20 characters while configuring", async () => {
    await using lab = await withLab();
    const client = await lab.login();
    await configuring(client);
    client.type("hostname a-name-of-more-than-20-characters\r");
    expect(await client.until(/#$/)).toEndWith("\r\na-name-of-more-than-(config)#");
    client.type("end\r");
    expect(await client.until(/#$/)).toEndWith("\r\na-name-of-more-than-20-characters#");
    expect(lab.device(0).hostname()).toBe("a-name-of-more-than-20-characters");
  });

  test.each([
    ["not a command", /^ {15}\^\n% Invalid input detected at '\^' marker\.\n\n$/],
    ["ip route 10.0.0.0 255.0.0.0", /^% Incomplete command\.\n\n$/],
    ["ip route 10.0.0.1 255.0.0.0 10.0.1.9", /^%Inconsistent address and mask\n$/],
    ["no ip route 10.0.0.0 255.0.0.0 10.0.1.9", /^%No matching route to delete\n$/],
    ["i", /^% Ambiguous command: {2}"i"\n$/],
    ["interface GigabitEthernet9/9", /\^\n% Invalid input detected/],
    ["no interface GigabitEthernet0/1", /^% Removal of physical interfaces is not permitted\n$/],
    ["hostname under_score!", /^% Hostname contains one or more illegal characters\.\n$/],
    ["no ip", /^% Incomplete command\.\n\n$/],
  ])("refuses %s", async (line, expected) => {
    await using lab = await withLab();
    const client = await lab.login();
    await configuring(client);
    const before = lab.device(0).runningConfig();
    expect(await client.run(line)).toMatch(expected);
    expect(lab.device(0).runningConfig()).toBe(before);
  });

  test("refuses addresses with a bad mask and ones another interface has", async () => {
    await using lab = await withLab();
    const client = await lab.login();
    await configuring(client);
    await all(client, ["interface gi0/1"]);
    expect(await client.run("ip address 10.9.9.1 255.0.255.0")).toBe(
      "Bad mask 0xFF00FF00 for address 10.9.9.1\n",
    );
    expect(await client.run("ip address 10.0.1.7 255.255.255.0")).toBe(
      "% 10.0.1.7 overlaps with GigabitEthernet0/0\n",
    );
  });

  test("a banner of several lines ends with its delimiter and is shown at the next login", async () => {
    await using lab = await withLab();
    const client = await lab.login();
    await configuring(client);
    client.type("banner motd #first\r");
    await client.until(/End with the character '#'\.\r\n$/);
    client.type("second line\rlast#\r");
    await client.until(/\(config\)#$/);
    const next = await lab.login();
    expect(await next.until(/>$/)).toBe("\r\nfirst\r\nsecond line\r\nlast\r\nlab-1>");
  });

  test("secrets are kept as hashes, and count from then on", async () => {
    await using lab = await withLab();
    const client = await lab.login();
    await configuring(client);
    await all(client, ["enable secret newsecret", "username bob privilege 15 secret bobspass", "end"]);
    expect(lab.device(0).runningConfig()).not.toMatch(/newsecret|bobspass/);
    const bob = await lab.login({ username: "bob", password: "bobspass" });
    await bob.until(/lab-1#$/);
    const admin = await lab.login();
    await admin.enable("newsecret");
  });

  test("is kept over a reload only when it was saved", async () => {
    await using lab = await withLab();
    const client = await lab.login();
    await configuring(client);
    await all(client, ["hostname kept", "end"]);
    expect(lab.device(0).startupConfig()).toContain("hostname lab-1\n");
    expect(await client.run("write memory")).toBe("Building configuration...\n[OK]\n");
    expect(lab.device(0).startupConfig()).toContain("hostname kept\n");
    expect(await client.run("show startup-config")).toMatch(/^Using \d+ out of 262136 bytes\n/);
  });

  test("two sessions see one configuration", async () => {
    await using lab = await withLab();
    const [one, two] = await Promise.all([lab.login(), lab.login()]);
    await configuring(one);
    await two.until(/lab-1>$/);
    await all(one, ["hostname seen-by-both"]);
    two.type("\r");
    await two.until(/seen-by-both>$/);
    expect(await two.run("show users")).toMatch(/388 vty 0 [^\n]+\n\*389 vty 1 /);
  });
});
