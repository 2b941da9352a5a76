import { describe, expect, test } from "bun:test";
import { TestApi } from "./client.ts";

function open(path: string, headers: Record<string, string> = {}): Promise<Response> {
  return new TestApi().api.handle(new Request(`http://localhost:9000${path}`, { headers }));
}

describe("the dashboard", () => {
  test("is the page at /, for which nobody needs a key", async () => {
    const response = await open("/");
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toBe("text/html; charset=utf-8");
    expect(response.headers.get("cache-control")).toBe("no-cache");
    expect(await response.text()).toContain("dashboard/page.js");
  });

  test("lets no script but its own run, and nobody else be asked", async () => {
    const { headers } = await open("/");
    const policy = headers.get("content-security-policy") ?? "";
    for (const rule of [
      "default-src 'none'",
      "script-src 'self'",
      "connect-src 'self'",
      "form-action 'none'",
    ])
      expect(policy.split("; ")).toContain(rule);
    expect(policy).not.toMatch(/unsafe|https?:|data:|\*/);
    expect(Object.fromEntries(headers)).toMatchObject({
      "cross-origin-opener-policy": "same-origin",
      "cross-origin-resource-policy": "same-origin",
      "referrer-policy": "no-referrer",
      "x-content-type-options": "nosniff",
      "x-frame-options": "DENY",
    });
  });

  test("has files that may be kept for good, compressed for who takes that", async () => {
    const plain = await open("/dashboard/page.js");
    expect(plain.headers.get("cache-control")).toBe("public, max-age=31536000, immutable");
    expect(plain.headers.get("content-type")).toStartWith("text/javascript");
    expect(plain.headers.get("content-encoding")).toBeNull();
    expect(await plain.text()).toBe("1;");
    const zipped = await open("/dashboard/page.js", { "accept-encoding": "br, gzip" });
    expect(zipped.headers.get("content-encoding")).toBe("gzip");
    expect(zipped.headers.get("vary")).toBe("accept-encoding");
    expect(new TextDecoder().decode(Bun.gunzipSync(await zipped.arrayBuffer()))).toBe("1;");
  });

  test("has no other files, and takes no parameters", async () => {
    expect((await open("/dashboard/page-of-before.js")).status).toBe(404);
    expect((await open("/dashboard/..%2fpage.js")).status).toBe(404);
    expect((await open("/?url=http://192.0.2.1/")).status).toBe(422);
    expect((await open("/dashboard")).status).toBe(401);
  });

  test("is not in the API's document", async () => {
    const { paths } = (await (await open("/swagger/json")).json()) as { paths: object };
    expect(Object.keys(paths).filter((path) => path === "/" || path.startsWith("/dashboard"))).toEqual([]);
  });
});
