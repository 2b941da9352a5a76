import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createAccount } from "../support/account.ts";
import { must } from "../support/process.ts";
import { ssh } from "../support/ssh-client.ts";
import { type Sshd, startSshd } from "../support/sshd.ts";

describe("the OpenSSH server of the tests", () => {
  let sshd: Sshd;
  beforeAll(async () => {
    sshd = await startSshd();
  });
  afterAll(() => sshd.stop());

  test("logs a user in by password and runs a command in a Linux shell", async () => {
    const { code, stdout } = await ssh(sshd, sshd.account, ["id -un; exit 7"]);
    expect({ code, stdout }).toEqual({ code: 7, stdout: `${sshd.account.name}\n` });
  });

  test("refuses a wrong password, and its log tells", async () => {
    const before = sshd.count("refused");
    const { code, stdout } = await ssh(sshd, { ...sshd.account, password: "wrong" }, ["true"]);
    expect({ code, stdout }).toEqual({ code: 255, stdout: "" });
    expect(sshd.count("refused")).toBe(before + 1);
  });

  test("tells connections and sessions apart in its log", async () => {
    const { length } = sshd.events();
    await ssh(sshd, sshd.account, ["true"]);
    await sshd.waitForLog(/Disconnected from user/);
    const kinds = sshd
      .events()
      .slice(length)
      .map((event) => event.kind);
    expect(kinds.slice(0, 3)).toEqual(["connection", "accepted", "session"]);
  });

  test("presents the host key whose fingerprint it names", async () => {
    const keys = await must(["ssh-keyscan", "-p", String(sshd.port), sshd.host]);
    const key = keys
      .split("\n")
      .filter((line) => !line.startsWith("#"))
      .join("\n");
    expect(await must(["ssh-keygen", "-l", "-f", "-"], { stdin: key })).toContain(sshd.hostKeyFingerprint);
  });
});

test("a server restricted to group14 negotiates just that", async () => {
  await using sshd = await startSshd({ kex: ["diffie-hellman-group14-sha256"], config: ["LogLevel DEBUG1"] });
  expect((await ssh(sshd, sshd.account, ["true"])).code).toBe(0);
  await sshd.waitForLog(/kex: algorithm: diffie-hellman-group14-sha256/);
});

test("a forced command runs whatever the client asked for", async () => {
  await using sshd = await startSshd({ forceCommand: "echo forced" });
  expect((await ssh(sshd, sshd.account, ["id"])).stdout).toBe("forced\n");
});

test("only the accounts it was given may log in", async () => {
  await using invited = await createAccount();
  await using stranger = await createAccount();
  await using sshd = await startSshd({ accounts: [invited] });
  const codes = [invited, stranger].map(async (who) => (await ssh(sshd, who, ["true"])).code);
  expect(await Promise.all(codes)).toEqual([0, 255]);
});

test("stopping it ends its connections and removes its user", async () => {
  const sshd = await startSshd();
  const open = ssh(sshd, sshd.account, ["echo in; sleep 600"]);
  await sshd.waitForLog(/Starting session/);
  await sshd.stop();
  expect((await open).code).toBe(255);
  expect(await must(["getent", "passwd"])).not.toContain(sshd.account.name);
});
