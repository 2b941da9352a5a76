import { expect, test } from "bun:test";
import { hunks } from "../../../src/lab/platforms/arista_eos/hunks.ts";
import { withLab } from "../support/with-lab.ts";

/** What is printed for a line, with the prompt behind it. */
async function inSession() {
  const lab = await withLab({ platform: "arista_eos" });
  const client = await lab.login();
  await client.until(/>$/);
  client.type("enable\r");
  await client.until(/Password: $/);
  client.type("admin\r");
  await client.until(/#$/);
  const say = async (line: string) => {
    client.type(`${line}\r`);
    const text = await client.until(/lab-1(?:\([^)]*\))?#$/);
    return text.replaceAll("\r\n", "\n").slice(line.length + 1);
  };
  return {
    lab,
    say,
    device: lab.device(0),
    async [Symbol.asyncDispose]() {
      client.end();
      await lab[Symbol.asyncDispose]();
    },
  };
}

test("a session shows what it would change, and changes it when it is committed", async () => {
  await using at = await inSession();
  const { say, device } = at;
  expect(await say("configure session upgrade-7")).toBe("lab-1(config-s-upgrad)#");
  expect(await say("show session-config diffs")).toBe("lab-1(config-s-upgrad)#");
  expect(await say("interface Ethernet1")).toBe("lab-1(config-s-upgrad-if-Et1)#");
  expect(await say("description core")).toBe("lab-1(config-s-upgrad-if-Et1)#");
  expect(await say("vlan 10")).toBe("lab-1(config-s-upgrad-vlan-10)#");
  const diff = await say("show session-config diffs");
  expect(diff).toStartWith("--- system:/running-config\n+++ session:/upgrade-7-session-config\n@@ -");
  expect(diff.match(/^[-+](?![-+]).*/gm)).toEqual(["+vlan 10", "+!", "+   description core"]);
  expect(device.runningConfig()).not.toContain("core");
  expect(await say("commit")).toBe("lab-1#");
  expect(device.runningConfig()).toContain("interface Ethernet1\n   description core\n");
  expect(await say("show configuration sessions")).not.toContain("pending   ");
});

test("one that is left stays, is found again by its name, and goes with abort", async () => {
  await using at = await inSession();
  const { say, device } = at;
  await say("configure session mine");
  await say("ip name-server 192.0.2.53");
  expect(await say("exit")).toBe("lab-1#");
  expect(await say("show configuration sessions")).toMatch(/^ {2}mine +pending$/m);
  expect(await say("configure session mine")).toBe("lab-1(config-s-mine)#");
  expect(await say("show session-config diffs")).toContain("+ip name-server 192.0.2.53\n");
  expect(await say("abort")).toBe("lab-1#");
  expect(await say("show configuration sessions")).not.toContain("mine");
  expect(device.runningConfig()).not.toContain("192.0.2.53");
});

test("within an access list, abort leaves the list alone", async () => {
  await using at = await inSession();
  const { say } = at;
  await say("configure session");
  expect(await say("ip access-list mgmt")).toBe("lab-1(config-s-sess-1-acl-mgmt)#");
  expect(await say("10 permit ip any any")).toBe("lab-1(config-s-sess-1-acl-mgmt)#");
  expect(await say("abort")).toBe("lab-1(config-s-sess-1)#");
  expect(await say("interface Ethernet1")).toBe("lab-1(config-s-sess-1-if-Et1)#");
  expect(await say("abort")).toBe("lab-1#");
});

test("there are five at most, and none outside of them", async () => {
  await using at = await inSession();
  const { say } = at;
  for (let number = 1; number <= 5; number++) {
    expect(await say("configure session")).toBe(`lab-1(config-s-sess-${number})#`);
    await say("end");
  }
  expect(await say("configure session more")).toStartWith(
    "% Maximum number of pending sessions has been reached.",
  );
  expect(await say("show session-config diffs")).toBe("% Invalid input\nlab-1#");
  await say("configure");
  expect(await say("abort")).toBe("% Invalid input\nlab-1(config)#");
  expect(await say("commit")).toBe("% Invalid input\nlab-1(config)#");
});

test("hunks are apart where more than six lines between them are the same", () => {
  const lines = (...more: string[]) => ["a", "b", "c", "d", "e", "f", "g", "h", ...more];
  expect(hunks(lines(), lines())).toEqual([]);
  expect(hunks([], ["x"])).toEqual(["@@ -1,0 +1,1 @@", "+x"]);
  expect(hunks(["x", ...lines("y")], lines("z"))).toEqual([
    "@@ -1,4 +1,3 @@",
    "-x",
    " a",
    " b",
    " c",
    "@@ -7,4 +6,4 @@",
    " f",
    " g",
    " h",
    "-y",
    "+z",
  ]);
  expect(hunks(["x", "a", "b", "y"], ["a", "b"])).toEqual(["@@ -1,4 +1,2 @@", "-x", " a", " b", "-y"]);
});
