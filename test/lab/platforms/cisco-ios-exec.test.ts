import { describe, expect, test } from "bun:test";
import { connect, exec } from "../support/cli-client.ts";
import { withLab } from "../support/with-lab.ts";

describe("at login", () => {
  test("the banner comes before the user mode's prompt", async () => {
    await using lab = await withLab();
    const client = await lab.login();
    expect(await client.until(/>$/)).toMatch(/^\r\n\r\n\*+\r\n\* +Simulated device\.[\s\S]*\r\n\r\nlab-1>$/);
  });

  test("a user of privilege 15 lands in the privileged mode", async () => {
    await using lab = await withLab({ privilege: 15 });
    const client = await lab.login();
    await client.until(/lab-1#$/);
    expect(await client.run("show privilege")).toBe("Current privilege level is 15\n");
  });
});

describe("enable", () => {
  test("asks for a password it does not echo", async () => {
    await using lab = await withLab();
    const client = await lab.login();
    await client.until(/lab-1>$/);
    client.type("enable\r");
    await client.until(/Password: $/);
    client.type("admin\r");
    expect(await client.until(/#$/)).toBe("\r\nlab-1#");
    expect(await client.run("disable")).toBe("");
    expect(lab.device(0).log().at(-2)).toMatchObject({ text: "******", hidden: true, prompt: "Password: " });
  });

  test("three wrong passwords are bad secrets", async () => {
    await using lab = await withLab();
    const client = await lab.login();
    await client.until(/lab-1>$/);
    client.type("enable\rone\rtwo\rthree\r");
    expect(await client.until(/secrets\r\n\r\nlab-1>$/)).toBe(
      "enable\r\nPassword: \r\nPassword: \r\nPassword: \r\n% Bad secrets\r\n\r\nlab-1>",
    );
  });

  test("an empty enable password means none is asked for", async () => {
    await using lab = await withLab({ enable: "" });
    const client = await lab.login();
    await client.until(/lab-1>$/);
    client.type("enable\r");
    expect(await client.until(/#$/)).toBe("enable\r\nlab-1#");
  });
});

describe("commands", () => {
  test("may be shortened while they stay unique", async () => {
    await using lab = await withLab();
    const client = await lab.login();
    await client.enable();
    expect(await client.run("sh ver")).toContain("Version 15.7(3)M8, RELEASE SOFTWARE");
    expect(await client.run("SH IP INT BR")).toStartWith("Interface                  IP-Address      OK?");
    expect(await client.run("wr mem")).toBe("Building configuration...\n[OK]\n");
    expect(await client.run("show i")).toBe('% Ambiguous command:  "show i"\n');
    expect(await client.run("show ip")).toBe("% Incomplete command.\n\n");
  });

  test("show version reads like a router's", async () => {
    await using lab = await withLab({ hostname: "core-{n}" });
    const client = await lab.login();
    await client.enable();
    const text = await client.run("show version");
    expect(text).toMatch(/^Cisco IOS Software, C2900 Software \(C2900-UNIVERSALK9-M\), Version \S+, RELEASE/);
    expect(text).toMatch(/^core-1 uptime is 5 weeks, 6 days, 3 hours, \d+ minutes$/m);
    expect(text).toMatch(/^Cisco CISCO2911\/K9 \(revision 1\.0\) with \d+K\/\d+K bytes of memory\.$/m);
    expect(text).toMatch(/^Processor board ID FTX1840[0-9A-Z]{4}$/m);
    expect(text).toMatch(/^Configuration register is 0x2102$/m);
  });

  test("a caret points at the first character that is wrong", async () => {
    await using lab = await withLab();
    const client = await lab.login();
    await client.enable();
    const refused = "% Invalid input detected at '^' marker.\n\n";
    expect(await client.run("bogus")).toBe(`${" ".repeat("lab-1#".length)}^\n${refused}`);
    expect(await client.run("show vexsion")).toBe(`${" ".repeat("lab-1#show ve".length)}^\n${refused}`);
    expect(await client.run("show version now")).toBe(
      `${" ".repeat("lab-1#show version ".length)}^\n${refused}`,
    );
  });

  test("the user mode knows no configuration", async () => {
    await using lab = await withLab();
    const client = await lab.login();
    await client.until(/>$/);
    expect(await client.run("show running-config")).toContain("% Invalid input detected");
    expect(await client.run("configure terminal")).toContain("% Invalid input detected");
  });

  test.each([
    ["show version | include uptime", /^lab-1 uptime is [^\n]+\n$/],
    ["show running-config | include ^interface .*t0/2", /^interface GigabitEthernet0\/2\n$/],
    ["show running-config | begin line vty", /^line vty 0 15\n[\s\S]*\nend\n$/],
    ["show running-config | exclude .", /^\n$/],
    ["show running-config | section router ospf", /^router ospf 1\n( [^\n]+\n){3}$/],
    ["show running-config | count ^interface", /^Number of lines which match regexp = 9\n$/],
    ["show version | nonsense x", /\^\n% Invalid input detected at '\^' marker\.\n\n$/],
    ["show version | include (a+)+$", /^% Failed to compile regular expression\.\n\n$/],
  ])("%s", async (line, expected) => {
    await using lab = await withLab();
    const client = await lab.login();
    await client.enable();
    expect(await client.run(line)).toMatch(expected);
  });

  test("question mark lists what may follow, Tab completes", async () => {
    await using lab = await withLab();
    const client = await lab.login();
    await client.enable();
    client.type("show in?");
    expect(await client.until(/#show in$/)).toBe("show in?\r\ninterfaces  inventory\r\n\r\nlab-1#show in");
    client.type("v\t");
    expect(await client.until(/entory $/)).toBe("ventory ");
    client.type("\x15show ip ?");
    expect(await client.until(/#show ip $/)).toMatch(
      /\r\n {2}interface .*\r\n {2}route +IP routing table\r\n/,
    );
  });

  test("exit ends the session and the connection", async () => {
    await using lab = await withLab();
    const client = await lab.login();
    await client.until(/>$/);
    client.type("exit\r");
    await client.closed();
    expect(
      lab
        .device(0)
        .log()
        .map(({ text }) => text),
    ).toEqual(["exit"]);
  });
});

describe("questions", () => {
  test("copy asks for the name of the file", async () => {
    await using lab = await withLab();
    const client = await lab.login();
    await client.enable();
    client.type("copy running-config startup-config\r");
    await client.until(/Destination filename \[startup-config\]\? $/);
    expect(await client.run("")).toContain("Building configuration...\n[OK]\n");
  });

  test("reload asks to save what was changed, then to confirm, and starts from what was saved", async () => {
    await using lab = await withLab();
    const client = await lab.login();
    await client.enable();
    await client.run("configure terminal");
    await client.run("hostname renamed");
    await client.run("end");
    client.type("reload\r");
    await client.until(/has been modified\. Save\? \[yes\/no\]: $/);
    client.type("no\r");
    await client.until(/Proceed with reload\? \[confirm\]$/);
    client.type("\r");
    await client.closed();
    const again = await lab.login();
    await again.until(/lab-1>$/);
  });

  test("n instead of a confirmation changes nothing", async () => {
    await using lab = await withLab();
    const client = await lab.login();
    await client.enable();
    client.type("reload\r");
    await client.until(/\[confirm\]$/);
    client.type("n");
    expect(await client.until(/#$/)).toBe("\r\nlab-1#");
  });
});

describe("long output", () => {
  test("ping prints an answer at a time and a summary", async () => {
    await using lab = await withLab();
    const client = await lab.login();
    await client.until(/>$/);
    expect(await client.run("ping 10.0.1.254")).toMatch(
      /5, 100-byte ICMP Echos to 10\.0\.1\.254, [\s\S]*\n!!!!!\nSuccess rate is 100 percent \(5\/5\)/,
    );
  });

  test("test tail goes on until Ctrl-C, then the prompt is back", async () => {
    await using lab = await withLab();
    const client = await lab.login();
    await client.until(/>$/);
    client.type("test tail 1000000 0\r");
    await client.until(/line 25 of 1000000\r\n/);
    client.type("\x03");
    await client.until(/line \d+ of 1000000\r\nlab-1>$/);
    expect(await client.run("show clock")).toMatch(/^\*\d\d:\d\d:\d\d\.\d{3} UTC \w{3} \w{3} \d+ \d{4}\n$/);
  });

  test("what is typed ahead while a command runs is run after it", async () => {
    await using lab = await withLab();
    const client = await lab.login();
    await client.until(/>$/);
    client.type("test tail 2 20\rshow privilege\r");
    const text = await client.until(/privilege level[\s\S]*>$/);
    expect(text).toMatch(/line 2 of 2\r\nlab-1>show privilege\r\nCurrent privilege level is 1\r\nlab-1>$/);
  });
});

describe("an exec request", () => {
  test("runs one command without prompt and paging, then the device hangs up", async () => {
    await using lab = await withLab();
    const [address] = lab.addresses;
    if (!address) throw new Error("no device");
    const client = await connect(address);
    const gone = new Promise<void>((resolve) => client.on("close", () => resolve()));
    const { stdout, code } = await exec(client, "show interfaces");
    expect(stdout.split("\r\n").length).toBeGreaterThan(200);
    expect(stdout).not.toContain("--More--");
    expect(code).toBe(0);
    await gone;
  });
});
