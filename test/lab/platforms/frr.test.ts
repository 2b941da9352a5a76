import { describe, expect, test } from "bun:test";
import { connect, exec } from "../support/cli-client.ts";
import { withLab } from "../support/with-lab.ts";

const frr = { platform: "frr" };

describe("an FRRouting device", () => {
  test("greets and is privileged at once", async () => {
    await using lab = await withLab(frr);
    const client = await lab.login();
    expect(await client.until(/# $/)).toBe(
      "\r\nHello, this is FRRouting (version 8.4.4).\r\nCopyright 1996-2005 Kunihiro Ishiguro, et al.\r\n\r\nlab-1# ",
    );
    expect(await client.run("show version")).toStartWith("FRRouting 8.4.4 (lab-1) on Linux");
  });

  test.each([
    ["foo", "% Unknown command: foo\n"],
    ["show", "% Command incomplete: show\n"],
    ["show i", "% Ambiguous command: show i\n"],
    ["show running-config | begin bgp", "% Unknown action 'begin'\n"],
    ["show running-config | include hostname", "hostname lab-1\n"],
    ["terminal length 0", ""],
  ])("answers %s as vtysh does", async (line, expected) => {
    await using lab = await withLab(frr);
    const client = await lab.login();
    await client.until(/# $/);
    expect(await client.run(line)).toBe(expected);
  });

  test("is configured, refuses lines in its own words, and shows the result", async () => {
    await using lab = await withLab(frr);
    const client = await lab.login();
    await client.until(/# $/);
    for (const line of ["conf t", "ip route 10.9.0.0/16 10.0.1.9", "interface eth0", "description edge"]) {
      expect(await client.run(line)).toBe("");
    }
    expect(await client.run("bogus")).toBe("% Unknown command: bogus\n");
    expect(await client.run("do foo")).toBe("% Unknown command: do foo\n");
    expect(await client.run("no ip route 1.0.0.0/8 2.2.2.2")).toBe(
      "% Refusing to remove a non-existent route\n",
    );
    client.type("\x1a");
    expect(await client.until(/# $/)).toBe("\r\nlab-1# ");
    const config = await client.run("show running-config");
    expect(config).toStartWith("Building configuration...\n\nCurrent configuration:\n!\nfrr version 8.4.4\n");
    expect(config).toContain("\n!\nip route 0.0.0.0/0 10.0.1.254\nip route 10.9.0.0/16 10.0.1.9\n!\n");
    expect(config).toContain("\n!\ninterface eth0\n description edge\n ip address 10.0.1.1/24\nexit\n!\n");
    expect(config).toEndWith("\nexit\n!\nend\n");
  });

  test("Ctrl-D on an empty line ends the session", async () => {
    await using lab = await withLab(frr);
    const client = await lab.login();
    await client.until(/# $/);
    client.type("\x04");
    await client.closed();
  });

  test("one connection carries several exec requests, each with its exit status", async () => {
    await using lab = await withLab(frr);
    const [address] = lab.addresses;
    if (!address) throw new Error("no device");
    const client = await connect(address);
    const [daemons, refused] = await Promise.all([exec(client, "show daemons"), exec(client, "show foo")]);
    expect(daemons).toEqual({ stdout: " zebra bgpd staticd\n", code: 0 });
    expect(refused).toEqual({ stdout: "% Unknown command: show foo\n", code: 1 });
    client.end();
  });
});
