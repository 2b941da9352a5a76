import { describe, expect, test } from "bun:test";
import { checkSshArgs, sshSecrets, sshTarget } from "../../src/device/ssh-args.ts";

const ARGS = { host: "10.0.0.1", username: "admin" };
const PROXY = { type: "http" as const, host: "[2001:DB8::0:1]", port: 3128 };

describe("a target", () => {
  test("has nothing weak and no way around by default", () => {
    expect(sshTarget(ARGS, 22)).toMatchObject({
      host: "10.0.0.1",
      port: 22,
      site: null,
      agent: false,
      answers: [],
      totp: undefined,
      legacy: false,
      compression: false,
      keepalive: 30,
      patience: { dial: 10, banner: 10, keyExchange: 10, login: 10, channel: 10 },
      proxy: undefined,
      hops: [],
    });
  });

  test("of a one-time password has what apps take for granted", () => {
    expect(sshTarget({ ...ARGS, totp: { secret: "MZXW6===" } }, 22).totp).toEqual({
      secret: "MZXW6===",
      digits: 6,
      period: 30,
      algorithm: "sha1",
    });
  });

  test("gives its site, time-outs and keep-alives to its jump hosts, and its proxy to the first", () => {
    const { hops, proxy, legacy } = sshTarget(
      {
        ...ARGS,
        site: "bonn",
        legacy: true,
        timeout: 7,
        auth_timeout: 9,
        keepalive: 0,
        proxy: PROXY,
        jump_hosts: [
          { host: "Bastion.Example.NET.", username: "ops", password: "x" },
          { host: "[::1]", port: 2222, username: "ops", legacy: true },
        ],
      },
      22,
    );
    expect([proxy, legacy]).toEqual([undefined, true]);
    const common = { site: "bonn", keepalive: 0, username: "ops", hops: [] };
    const patience = { dial: 7, banner: 7, keyExchange: 7, login: 9, channel: 7 };
    expect(hops).toMatchObject([
      {
        ...common,
        ...{ patience, host: "bastion.example.net", port: 22, password: "x", legacy: false },
        proxy: { type: "http", host: "2001:db8::1", port: 3128 },
      },
      { ...common, patience, host: "::1", port: 2222, legacy: true, proxy: undefined },
    ]);
  });

  test("without jump hosts goes over its proxy itself", () => {
    expect(sshTarget({ ...ARGS, proxy: PROXY }, 22).proxy?.host).toBe("2001:db8::1");
  });
});

test("all secrets are named, those of jump hosts too", () => {
  const hop = { host: "a", username: "u", password: "hop-password", totp: { secret: "HOPSECRET" } };
  const secrets = sshSecrets({
    username: "u",
    password: "password",
    passphrase: "passphrase",
    totp: { secret: "SECRET" },
    login_answers: [
      { prompt: "a", answer: "answer-1" },
      { prompt: "b", answer: "answer-2" },
    ],
    proxy: { ...PROXY, username: "u", password: "proxy-password" },
    jump_hosts: [hop],
  });
  expect(secrets.filter((secret) => secret !== undefined).sort()).toEqual([
    "HOPSECRET",
    "SECRET",
    "answer-1",
    "answer-2",
    "hop-password",
    "passphrase",
    "password",
    "proxy-password",
  ]);
});

describe("what the schema cannot say", () => {
  const hop = (host: string) => ({ host, username: "u" });
  test.each([
    ["nothing is wrong", { ...ARGS, jump_hosts: [hop("a"), hop("fe80::1")], proxy: PROXY }, []],
    ["a link-local first hop is the node's own to reach", { ...ARGS, jump_hosts: [hop("fe80::1%eth0")] }, []],
    ["so is a proxy", { ...ARGS, proxy: { ...PROXY, host: "fe80::1%eth0" } }, []],
    [
      "but no device behind them",
      { ...ARGS, host: "fe80::2%eth0", jump_hosts: [hop("fe80::1%eth0")] },
      ["connection_args.host"],
    ],
    ["nor behind a proxy", { ...ARGS, host: "fe80::2%eth0", proxy: PROXY }, ["connection_args.host"]],
    [
      "nor a hop behind a proxy",
      { ...ARGS, proxy: PROXY, jump_hosts: [hop("fe80::1%eth0")] },
      ["connection_args.jump_hosts.0.host"],
    ],
    [
      "nor each of two equal hops behind the first",
      { ...ARGS, jump_hosts: [hop("a"), hop("fe80::1%eth0"), hop("fe80::1%eth0")] },
      ["connection_args.jump_hosts.1.host", "connection_args.jump_hosts.2.host"],
    ],
    ["hosts that are none", { ...ARGS, jump_hosts: [hop("1.2.3")] }, ["connection_args.jump_hosts.0.host"]],
    ["a secret that is none", { ...ARGS, totp: { secret: "1" } }, ["connection_args.totp.secret"]],
    ["a request of which other fields are wrong", {}, []],
  ])("%s", (_what, args, expected) => {
    expect(checkSshArgs(args).map(({ loc }) => loc.join("."))).toEqual(expected);
  });
});
