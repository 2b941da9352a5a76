import { expect, test } from "bun:test";
import { findLogin } from "../../src/config/login.ts";
import { tempDir } from "../support/tempdir.ts";

test("without a URL, the server of this machine is asked, as it is configured", () => {
  using dir = tempDir("login");
  const env = { NETPULSE_DATA_DIR: dir.path, NETPULSE_SERVER__PORT: "9443" };
  expect(findLogin(undefined, env).url).toBe("http://127.0.0.1:9443");
  const tls = { NETPULSE_SERVER__TLS__CERT: "cert.pem", NETPULSE_SERVER__TLS__KEY: "key.pem" };
  expect(findLogin(undefined, { ...env, ...tls }).url).toBe("https://127.0.0.1:9443");
});
