import { describe, expect, test } from "bun:test";
import { cliDriver } from "../../drivers/cli/index.ts";
import { linuxDriver } from "../../drivers/linux/index.ts";
import { secretValues } from "../../src/engine/driver-args.ts";

const ARGS = {
  host: "10.0.0.1",
  username: "no-secret",
  password: "s-password",
  pkey: "s-key",
  passphrase: "s-passphrase",
  totp: { secret: "s-totp" },
  login_answers: [{ prompt: "no-secret", answer: "s-answer" }],
  proxy: { type: "http", host: "no-secret", port: 1, username: "no-secret", password: "s-proxy" },
  jump_hosts: [
    {
      host: "a",
      username: "no-secret",
      password: "s-hop-1",
      pkey: "s-hop-key",
      passphrase: "s-hop-passphrase",
    },
    { host: "b", username: "no-secret", totp: { secret: "s-hop-totp" } },
    { host: "c", username: "no-secret", login_answers: [{ prompt: "no-secret", answer: "s-hop-answer" }] },
  ],
};

describe("the secrets of a request", () => {
  test.each([
    ["cli", cliDriver, { ...ARGS, secret: "s-enable" }],
    ["linux", linuxDriver, ARGS],
  ])("%s: every value that begins so, at whatever depth, and no other", (_name, driver, args) => {
    const all = JSON.stringify(args).match(/s-[a-z0-9-]+/g) ?? [];
    expect(secretValues(driver as never, args, {}).sort()).toEqual(
      all.filter((value) => !"no-secret".includes(value)).sort(),
    );
  });

  test("the values of an object whose names are the caller's", () => {
    const driverArgs = {
      sudo: true,
      sudo_password: "s-sudo",
      expect_map: { "no-secret": "s-answer" },
      environment: { NO_SECRET: "s-variable" },
      working_directory: "/no-secret",
    };
    expect(secretValues(linuxDriver as never, ARGS, driverArgs)).toEqual(
      expect.arrayContaining(["s-sudo", "s-answer", "s-variable"]),
    );
    expect(secretValues(linuxDriver as never, {}, driverArgs)).toHaveLength(3);
  });

  test("a value of another shape than the schema's is none", () => {
    const odd = {
      password: 7,
      totp: "text",
      jump_hosts: [null, "x", { password: ["y"] }],
      proxy: [{ password: "z" }],
    };
    expect(secretValues(cliDriver as never, odd, {})).toEqual([]);
  });

  test("answers to questions for one are, for the job as for one command", () => {
    const answers = (answer: string) => [
      { question: "Password:", answer },
      { question: "Destination filename", answer: "startup-config" },
    ];
    const operation = {
      kind: "command",
      commands: ["a", "b"],
      commandArgs: [null, { answers: answers("second-s3cret") }],
    } as const;
    const driverArgs = { answers: answers("first-s3cret") };
    expect(secretValues(cliDriver as never, {}, driverArgs, operation as never)).toEqual([
      "first-s3cret",
      "second-s3cret",
    ]);
  });
});
