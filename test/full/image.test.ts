import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { descendants } from "../e2e/support/processes.ts";
import { asRoot, type Child, mustAsRoot, program, startChild } from "../support/process.ts";
import { type TempDir, tempDir } from "../support/tempdir.ts";

/** A base is made of Debian's packages, and the image of them by its own Dockerfile: some minutes. */
const DEADLINE = 600_000;
setDefaultTimeout(DEADLINE);

const ROOT = resolve(import.meta.dir, "../..");
const BASE = "localhost/debian:bookworm-slim";
const BUN = "localhost/bun";
const IMAGE = "localhost/netpulse";
const SETTINGS = ["--env", "NETPULSE_SERVER__PORT=0", "--env", "NETPULSE_SERVER__API_KEY=a-key-of-the-image"];

let folder: TempDir;
let container: string;
beforeAll(async () => {
  folder = tempDir("buildah", 0o755);
  await mustAsRoot(
    [
      program("mmdebstrap", "mmdebstrap"),
      "--quiet",
      "--variant=essential",
      "bookworm",
      folder.file("base.tar"),
    ],
    { deadline: DEADLINE },
  );
  await image(BASE, "scratch", ["add", folder.file("base.tar"), "/"]);
  await image(BUN, BASE, ["copy", process.execPath, "/usr/local/bin/bun"]);
  const bases = [
    "--build-arg",
    `BUN=${BUN}`,
    "--build-arg",
    `BASE=${BASE}`,
    "--build-arg",
    "COMMIT=0123456789ab",
  ];
  // What this machine trusts, so that packages come from the registry that it uses.
  const trust = ["--volume", "/etc/ssl/certs:/etc/ssl/certs:ro", "--network", "host"];
  await buildah(
    "bud",
    "--isolation",
    "chroot",
    "--format",
    "docker",
    ...trust,
    ...bases,
    "--tag",
    IMAGE,
    ROOT,
  );
  container = (await buildah("from", IMAGE)).trim();
});
afterAll(async () => {
  // The layers are root's.
  await mustAsRoot(["rm", "-rf", folder.path], { deadline: DEADLINE });
});

function command(...argv: string[]): string[] {
  const where = ["--root", folder.file("root"), "--runroot", folder.file("run"), "--storage-driver", "vfs"];
  return [program("buildah", "buildah"), ...where, ...argv];
}

const buildah = (...argv: string[]) => mustAsRoot(command(...argv), { deadline: DEADLINE });

/** An image of another one and one thing in it. */
async function image(name: string, from: string, [verb = "", ...what]: string[]): Promise<void> {
  const made = (await buildah("from", from)).trim();
  const [source = "", to = ""] = what;
  await buildah(verb, made, source, to);
  await buildah("commit", "--quiet", made, name);
  await buildah("rm", made);
}

const inside = (...argv: string[]) =>
  command("run", "--isolation", "chroot", ...SETTINGS, container, "--", ...argv);

test("buildah builds the image by the Dockerfile as it stands", async () => {
  const { Docker } = JSON.parse(await buildah("inspect", "--type", "image", IMAGE));
  expect(Docker.config).toMatchObject({
    User: "65532:65532",
    Entrypoint: ["netpulse"],
    Cmd: ["serve"],
    Healthcheck: { Test: ["CMD", "netpulse", "alive"] },
    Volumes: { "/data": {} },
  });
  expect(await mustAsRoot(inside("netpulse", "--version"))).toContain("(0123456789ab)");
});

test("it serves as a user of its own, is found healthy, and stops when it is told to", async () => {
  const serve: Child = startChild(asRoot(inside("netpulse", "serve")));
  try {
    const [, port = ""] = await serve.waitFor(/^netpulse serving at http:\/\/0\.0\.0\.0:(\d+)/m, {
      deadline: 60_000,
    });
    const alive = inside("env", `NETPULSE_SERVER__PORT=${port}`, "netpulse", "alive");
    expect(await mustAsRoot(alive)).toBe(`alive: http://127.0.0.1:${port}\n`);
    expect(await mustAsRoot(inside("stat", "--format=%U %u %a", "/data"))).toBe("UNKNOWN 65532 700\n");
    await mustAsRoot(["kill", "-TERM", String(await programOf(serve))]);
    expect(await serve.exited).toEqual({ code: 0, signal: null });
  } finally {
    await serve.stop();
  }
});

/** The product itself among the processes that buildah makes for it. */
async function programOf({ pid }: Child): Promise<number> {
  const found = (await descendants(pid)).find((each) =>
    /^[^\0]*\/netpulse\0serve\0$/.test(readFileSync(`/proc/${each}/cmdline`, "utf8")),
  );
  if (found === undefined) throw new Error("buildah runs no netpulse");
  return found;
}
