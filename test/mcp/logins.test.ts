import { describe, expect, test } from "bun:test";
import { environmentLogin } from "../../src/mcp/logins.ts";

const env = {
  NETPULSE_DEVICE_USERNAME: "ops",
  NETPULSE_DEVICE_PASSWORD: "sesame",
  NETPULSE_DEVICE_SECRET: "deeper",
};
const WHOLE = { username: "ops", password: "sesame", secret: "deeper" };

describe("the login of the environment", () => {
  test("is for the devices that it is meant for", () => {
    const loginFor = environmentLogin(env, ["10.0.0.0/8", "bonn/core-*"]);
    expect(loginFor({ host: "10.1.2.3", device_type: "cisco_ios" })).toEqual(WHOLE);
    expect(loginFor({ host: "CORE-1", site: "bonn", device_type: "cisco_ios" })).toEqual(WHOLE);
    expect(loginFor({ host: "10.1.2.3" })).toEqual({ username: "ops", password: "sesame" });
  });

  test.each([
    ["another address", { host: "192.0.2.1" }],
    ["a name that might be anything", { host: "10.0.0.1.evil.example" }],
    ["another site", { host: "10.0.0.1", site: "paris" }],
    ["no host", {}],
    ["what is no host", { host: ["10.0.0.1"] }],
    ["a host with a user before it", { host: "x@10.0.0.1" }],
    ["a user of the call's own", { host: "10.0.0.1", username: "root" }],
    ["a password of the call's own", { host: "10.0.0.1", password: "x" }],
    ["a way over others", { host: "10.0.0.1", jump_hosts: [{ host: "evil.example" }] }],
    ["a way through a proxy", { host: "10.0.0.1", proxy: "socks5://evil.example" }],
  ])("is not for %s", (_what, args) => {
    const loginFor = environmentLogin(env, ["10.0.0.0/8"]);
    expect(loginFor({ device_type: "cisco_ios", ...args })).toEqual({});
  });

  test("is for nobody where nobody was named", () => {
    expect(environmentLogin(env, [])({ host: "10.0.0.1" })).toEqual({});
  });
});
