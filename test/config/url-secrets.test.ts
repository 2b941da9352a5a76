import { describe, expect, test } from "bun:test";
import { maskUrl, urlSecrets } from "../../src/config/url-secrets.ts";

describe("maskUrl", () => {
  test.each([
    ["redis://host:6379/0", "redis://host:6379/0"],
    ["redis://bob:pw@host:6379/0", "redis://bob:******@host:6379/0"],
    ["redis://:pw@host", "redis://:******@host"],
    ["redis+cluster://bob:pw@a:1,b:2", "redis+cluster://bob:******@a:1,b:2"],
    [
      "redis+sentinel://a/m?sentinel_password=p@w&tls=true",
      "redis+sentinel://a/m?sentinel_password=******&tls=true",
    ],
    ["sqlite:./data/a@b.db", "sqlite:./data/a@b.db"],
  ])("of %s is %s", (url, masked) => {
    expect(maskUrl(url)).toBe(masked);
  });

  test.each([
    "redis://bob:a/pw@b@host",
    "redis://bob:pw?x@host",
    "redis://bob:p w@host",
    "redis://pw@host",
    "redis://:\npw@h",
  ])("hides all of a password that should have been escaped: %j", (url) => {
    expect(maskUrl(url)).not.toMatch(/pw|p w/);
  });
});

describe("urlSecrets", () => {
  test("are the passwords, as written and as they are sent", () => {
    expect(urlSecrets("redis://bob:p%40ss@host")).toEqual(["p%40ss", "p@ss"]);
    expect(urlSecrets("redis+sentinel://:one@a/m?sentinel_password=two")).toEqual(
      expect.arrayContaining(["one", "two"]),
    );
  });

  test("are none where there is no password", () => {
    expect(urlSecrets("redis://host:6379/0")).toEqual([]);
    expect(urlSecrets("sqlite:./data/netpulse.db")).toEqual([]);
  });
});
