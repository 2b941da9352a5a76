import { expect, test } from "bun:test";
import { describeConfig } from "../../src/config/describe.ts";
import { loadConfig } from "../../src/config/load.ts";
import { keyEntries } from "../../src/config/schema.ts";

const machine = { hostname: "edge-7", tty: false };

test("every key is listed with its value and where that came from", () => {
  const rows = describeConfig(loadConfig({ env: { NETPULSE_SERVER__PORT: "9100" }, machine }));
  expect(rows.map((row) => row.key)).toEqual(keyEntries().map((entry) => entry.name));
  expect(rows.find((row) => row.key === "server.port")).toEqual({
    key: "server.port",
    value: 9100,
    unit: null,
    from: "environment",
    source: "NETPULSE_SERVER__PORT",
    env: "NETPULSE_SERVER__PORT",
  });
});

test("secrets are masked, and absent ones are seen to be absent", () => {
  const env = { NETPULSE_SECRET_KEY: "a-secret-of-some-length" };
  const rows = describeConfig(loadConfig({ env, machine }));
  expect(rows.find((row) => row.key === "secret_key")?.value).toBe("******");
  expect(rows.find((row) => row.key === "server.api_key")?.value).toBeNull();
  expect(JSON.stringify(rows)).not.toContain(env.NETPULSE_SECRET_KEY);
});

test("of a URL only the passwords are masked", () => {
  const url = "redis+sentinel://bob:s3cr3t@a:1,b:2/main?sentinel_password=t0p&tls=true";
  const rows = describeConfig(loadConfig({ env: { NETPULSE_STORAGE__URL: url }, machine }));
  expect(rows.find((row) => row.key === "storage.url")?.value).toBe(
    "redis+sentinel://bob:******@a:1,b:2/main?sentinel_password=******&tls=true",
  );
});
