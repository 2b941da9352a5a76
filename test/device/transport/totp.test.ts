import { describe, expect, test } from "bun:test";
import { base32, totpCode } from "../../../src/device/transport/totp.ts";
import { must } from "../../support/process.ts";

/** RFC 6238, appendix B: the secret is ASCII digits, as many as the hash has bytes. */
const SECRETS = {
  sha1: "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ",
  sha256: "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZA",
  sha512:
    "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNA",
} as const;

describe("the vectors of RFC 6238", () => {
  test.each([
    [59, "94287082", "46119246", "90693936"],
    [1_111_111_109, "07081804", "68084774", "25091201"],
    [1_111_111_111, "14050471", "67062674", "99943326"],
    [1_234_567_890, "89005924", "91819424", "93441116"],
    [2_000_000_000, "69279037", "90698825", "38618901"],
    [20_000_000_000, "65353130", "77737706", "47863826"],
  ])("at %d s", (seconds, sha1, sha256, sha512) => {
    const codes = (["sha1", "sha256", "sha512"] as const).map((algorithm) =>
      totpCode({ secret: SECRETS[algorithm], digits: 8, period: 30, algorithm }, seconds * 1000),
    );
    expect(codes).toEqual([sha1, sha256, sha512]);
  });
});

test("a code lasts its period, and has its digits, zeros in front included", () => {
  const totp = { secret: SECRETS.sha1, digits: 6, period: 60, algorithm: "sha1" as const };
  expect(totpCode(totp, 119_999)).toBe(totpCode(totp, 60_000));
  expect(totpCode(totp, 120_000)).not.toBe(totpCode(totp, 119_999));
  expect(totpCode({ ...totp, digits: 8, period: 30 }, 1_111_111_109_000)).toBe("07081804");
  expect(totpCode({ ...totp, period: 30 }, 1_111_111_109_000)).toBe("081804");
});

describe("base32", () => {
  test.each([
    ["GEZDGNBV", "12345"],
    ["gezd gnbv", "12345"],
    ["GEZD-GNBV", "12345"],
    ["MZXW6===", "foo"],
    ["MZXW6YQ=", "foob"],
    ["MZXW6YTBOI======", "foobar"],
  ])("%s", (text, expected) => {
    expect(base32(text)?.toString()).toBe(expected);
  });

  test.each([[""], ["==="], ["A"], ["MZXW1"], ["MZXW8"], ["MZ!W6"], ["0OIl"]])("%p is none", (text) => {
    expect(base32(text)).toBeNull();
  });
});

test("codes are those that openssl makes of the same key", async () => {
  const now = 1_700_000_000_000;
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(now / 30_000)));
  const key = base32("JBSWY3DPEHPK3PXP")?.toString("hex");
  const script = `printf '%b' "$0" | openssl dgst -sha1 -mac HMAC -macopt hexkey:${key} -hex`;
  const escaped = [...counter].map((byte) => `\\x${byte.toString(16).padStart(2, "0")}`).join("");
  const mac = Buffer.from(
    (await must(["bash", "-c", script, escaped])).trim().split(" ").at(-1) ?? "",
    "hex",
  );
  const at = (mac.at(-1) ?? 0) & 0xf;
  const code = String((mac.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, "0");
  const totp = { secret: "JBSWY3DPEHPK3PXP", digits: 6, period: 30, algorithm: "sha1" as const };
  expect(totpCode(totp, now)).toBe(code);
});
