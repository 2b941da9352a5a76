import { expect, test } from "bun:test";
import { hostEnvironment } from "../../src/worker/spawn-host.ts";

test("a session host gets an allow-list of its node's environment: no key, no storage address, nothing of ours", () => {
  const environment = hostEnvironment({
    PATH: "/usr/bin",
    TZ: "Europe/Berlin",
    LANG: "C.UTF-8",
    HOME: "/root",
    NETPULSE_SECRET_KEY: "s",
    NETPULSE_SERVER__API_KEY: "k",
    NETPULSE_STORAGE__URL: "redis://u:p@h",
    AWS_SECRET_ACCESS_KEY: "x",
    LD_PRELOAD: "evil.so",
    NODE_OPTIONS: "--inspect",
    BUN_OPTIONS: "--preload=x",
  });
  expect(environment).toEqual({ PATH: "/usr/bin", TZ: "Europe/Berlin", LANG: "C.UTF-8" });
});
