import { describe, expect, test } from "bun:test";
import { maskCommand, maskText } from "../../src/core/mask.ts";

describe("maskText hides what follows a secret's keyword", () => {
  const lines: [string, string][] = [
    ["enable secret 9 $9$abc", "enable secret 9 ******"],
    ["username bob privilege 15 password 0 hunter2", "username bob privilege 15 password 0 ******"],
    ["snmp-server community PuBl1c RO", "snmp-server community ****** RO"],
    [
      'set system root-authentication encrypted-password "$6$x y"',
      "set system root-authentication encrypted-password ******",
    ],
    ["local-user a password irreversible-cipher abcdef", "local-user a password irreversible-cipher ******"],
    ["key-string 7 0822455D0A16", "key-string 7 ******"],
    ["password=hunter2;x=1", "password=******"],
    [
      "set authentication plain-text-password-value hunter2",
      "set authentication plain-text-password-value ******",
    ],
    ["snmp-server host 192.0.2.1 version 2c PuBl1c", "snmp-server host 192.0.2.1 version 2c ******"],
    ["snmp-server host 192.0.2.1 PuBl1c", "snmp-server host 192.0.2.1 ******"],
    [
      "snmp-server user bob grp v3 auth sha Auth1 priv aes 128 Priv1",
      "snmp-server user bob grp v3 auth sha ****** priv aes 128 ******",
    ],
    ["tacacs-server key hunter2", "tacacs-server key ******"],
    ["tacacs-server host 192.0.2.1 key 7 0822455D0A16", "tacacs-server host 192.0.2.1 key 7 ******"],
    [" key 0 hunter2", " key 0 ******"],
    [" ip ospf message-digest-key 1 md5 hunter2", " ip ospf message-digest-key 1 md5 ******"],
    ["crypto isakmp key hunter2 address 192.0.2.1", "crypto isakmp key ****** address 192.0.2.1"],
    ["copy ftp://bob:hunter2@192.0.2.1/file flash:", "copy ftp://bob:******@192.0.2.1/file flash:"],
    [
      "-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----",
      "-----BEGIN RSA PRIVATE KEY-----******-----END RSA PRIVATE KEY-----",
    ],
    ["key chain OSPF", "key chain OSPF"],
    [" key 1", " key 1"],
    ["crypto key generate rsa modulus 2048", "crypto key generate rsa modulus 2048"],
    ["service password-encryption", "service password-encryption"],
    [
      "crypto ipsec transform-set T esp-aes 256 esp-sha-hmac",
      "crypto ipsec transform-set T esp-aes 256 esp-sha-hmac",
    ],
    ["interface Loopback0", "interface Loopback0"],
  ];
  test.each(lines)("%s", (line, masked) => {
    expect(maskText(line)).toBe(masked);
  });

  test("and every known secret wherever it stands, but not words of under six characters", () => {
    expect(maskText("login as s3cr3t-1 failed", ["s3cr3t-1"])).toBe("login as ****** failed");
    expect(maskText("username admin", ["admin"])).toBe("username admin");
  });

  test("in time linear in the text", () => {
    for (const part of [
      "password ",
      "0 ",
      "key ",
      "a-",
      "sha ",
      "x://a:",
      "-----BEGIN PRIVATE KEY-----",
      '"',
      "snmp-server host ",
    ]) {
      const began = performance.now();
      maskText(`password ${part.repeat(400_000 / part.length)}`);
      expect(performance.now() - began).toBeLessThan(2_000);
    }
  });
});

test("maskCommand leaves questions alone: they are the keys of their answers", () => {
  expect(maskCommand("show password policy")).toBe("show password policy");
  expect(maskCommand("do show snmp community x")).toBe("do show snmp community x");
  expect(maskCommand("enable secret x")).toBe("enable secret ******");
});
