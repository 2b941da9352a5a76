import { expect, test } from "bun:test";
import { cpSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { must, startChild } from "./support/process.ts";
import { makeCertificates } from "./support/redis-tls.ts";
import { type TempDir, tempDir } from "./support/tempdir.ts";

const ROOT = resolve(import.meta.dir, "..");
const dockerfile = readFileSync(join(ROOT, "Dockerfile"), "utf8");

test("the image has the version of Bun that package.json names", () => {
  const { engines } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
  const versions = [...dockerfile.matchAll(/^FROM oven\/bun:([\d.]+)/gm)].map(([, version]) => version);
  expect(versions).toEqual([engines.bun, engines.bun]);
});

test("what the image holds is enough to serve and to be found healthy", async () => {
  using image = tempDir("image");
  using data = tempDir("data");
  for (const [, name = ""] of dockerfile.matchAll(
    /^COPY ((?:package|bun|src|drivers)\S*(?: bun\.lock)?) /gm,
  )) {
    for (const each of name.split(" ")) cpSync(join(ROOT, each), image.file(each), { recursive: true });
  }
  const [, install = ""] = dockerfile.match(/^RUN bun (install .*)$/m) ?? [];
  const { PATH = "", HOME = "/", ...network } = process.env;
  await must([process.execPath, ...install.split(" ")], { cwd: image.path, env: { PATH, HOME, ...network } });

  const { cert, key } = await makeCertificates(data);
  await isFoundHealthy(image, { PATH, NETPULSE_DATA_DIR: data.path });
  const tls = { NETPULSE_SERVER__TLS__CERT: cert, NETPULSE_SERVER__TLS__KEY: key };
  await isFoundHealthy(image, { PATH, NETPULSE_DATA_DIR: data.path, ...tls });
}, 90_000);

async function isFoundHealthy(image: TempDir, env: Record<string, string>): Promise<void> {
  const [, ...entry] = quoted("ENTRYPOINT");
  const serve = startChild([process.execPath, ...entry, ...quoted("CMD")], {
    cwd: image.path,
    env: { ...env, NETPULSE_SERVER__PORT: "0" },
  });
  try {
    const [, port = ""] = await serve.waitFor(/^netpulse serving at \S+:(\d+)/m);
    const [, ...check] = quoted("  CMD");
    await must([process.execPath, ...check], { env: { ...env, NETPULSE_SERVER__PORT: port } });
  } finally {
    await serve.stop();
  }
}

/** The words of an instruction in its exec form. */
function quoted(instruction: string): string[] {
  const [, words = ""] = dockerfile.match(new RegExp(`^${instruction} (\\[.*\\])$`, "m")) ?? [];
  return JSON.parse(words);
}
