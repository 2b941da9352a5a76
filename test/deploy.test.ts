import { describe, expect, test } from "bun:test";
import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import manifest from "../package.json" with { type: "json" };
import { loadConfig } from "../src/config/load.ts";
import { program, run } from "./support/process.ts";
import { tempDir } from "./support/tempdir.ts";

const ROOT = resolve(import.meta.dir, "..");
const text = (path: string) => readFileSync(join(ROOT, path), "utf8");

const defaults = loadConfig({ env: {} }).config.worker;
/** What a node may take to stop when nobody sets another grace, s. */
const LONGEST_STOP = defaults.drainGrace + 2 * defaults.stopGrace;

/** Environment of which every name and value must be one of the configuration. */
function understood(env: Record<string, string>): void {
  expect(() => loadConfig({ env })).not.toThrow();
}

describe.each([
  ["compose.yaml", ["api"]],
  ["compose.redis.yaml", ["api", "node", "redis"]],
])("%s", (file, names) => {
  const { services, volumes } = Bun.YAML.parse(text(file)) as ComposeFile;
  const ours = Object.entries(services).filter(([, { image }]) => image === "netpulse");

  test("has its services, with logs that are rotated", () => {
    expect(Object.keys(services)).toEqual(names);
    for (const { logging } of Object.values(services)) {
      expect(logging).toEqual({ driver: "json-file", options: { "max-size": "10m", "max-file": "5" } });
    }
  });

  test("gives them what the configuration knows", () => {
    for (const [, { environment }] of ours) {
      const given = {
        REDIS_PASSWORD: "p",
        NETPULSE_SECRET_KEY: "s".repeat(16),
        NETPULSE_SERVER__API_KEY: "k",
      };
      understood(filledIn(environment, given));
    }
  });

  test("waits longer than a node takes to stop, and lets nothing be written but what is kept", () => {
    for (const [name, service] of ours) {
      expect(Number(service.stop_grace_period.replace(/s$/, ""))).toBeGreaterThan(LONGEST_STOP);
      expect(service).toMatchObject({ read_only: true, cap_drop: ["ALL"], restart: "unless-stopped" });
      const [volume = "", folder] = service.volumes?.[0]?.split(":") ?? [];
      if (name === "api") expect([folder, volume in volumes]).toEqual(["/data", true]);
    }
  });

  test("is reached from its own machine alone", () => {
    expect(services.api?.ports).toEqual(["127.0.0.1:9000:9000"]);
    expect(Object.values(services).flatMap(({ ports = [] }) => ports)).toHaveLength(1);
  });
});

describe.each(["single-node", "redis"])("deploy/kubernetes/%s.yaml", (name) => {
  const objects = Bun.YAML.parse(text(`deploy/kubernetes/${name}.yaml`)) as Resource[];
  const secret = Bun.YAML.parse(text("deploy/kubernetes/secret.yaml")) as Resource;
  const workloads = objects.filter(({ kind }) => kind === "Deployment" || kind === "StatefulSet");
  const ours = workloads.filter(({ spec }) => spec.template.spec.containers[0].image.startsWith("netpulse:"));
  const only = (workload: Resource) => workload.spec.template.spec.containers[0];

  test("runs the image of this version, each role with what it needs to stop in order", () => {
    const roles = ours.map((each) => [only(each).args, only(each).image]);
    const wanted = name === "redis" ? ["api", "node"] : ["serve"];
    expect(roles).toEqual(wanted.map((role) => [[role], `netpulse:${manifest.version}`]));
    for (const each of ours) {
      const { terminationGracePeriodSeconds: grace } = each.spec.template.spec;
      expect(grace).toBeGreaterThan(only(each).args[0] === "api" ? 10 : LONGEST_STOP);
    }
  });

  test("gives them what the configuration knows, and none of the variables made of Services", () => {
    const { data } = objects.find(({ kind }) => kind === "ConfigMap") as Resource;
    for (const each of ours) {
      expect(each.spec.template.spec.enableServiceLinks).toBe(false);
      const env = only(each).env as {
        name: string;
        valueFrom: Record<string, { name: string; key: string }>;
      }[];
      const values = env.map(({ name, valueFrom: { secretKeyRef } }) => {
        if (secretKeyRef === undefined) return [name, "a-pod"];
        expect([secretKeyRef.name, secretKeyRef.key in secret.stringData]).toEqual(["netpulse", true]);
        return [name, name.endsWith("URL") ? "redis://:p@netpulse-redis:6379" : "s".repeat(32)];
      });
      understood({ ...data, ...Object.fromEntries(values) });
    }
  });

  test("asks each whether it is alive: APIs by their port, nodes by the binary", () => {
    for (const each of ours) {
      const { args, livenessProbe, startupProbe, readinessProbe, ports } = only(each);
      if (args[0] === "node") {
        const check = { exec: { command: ["netpulse", "alive", "--role", "node"] } };
        expect([livenessProbe, startupProbe]).toMatchObject([check, check]);
        continue;
      }
      const [port] = ports;
      expect(port).toEqual({ name: "http", containerPort: 9000 });
      const at = (path: string) => ({ httpGet: { path, port: "http" } });
      expect([startupProbe, livenessProbe, readinessProbe]).toMatchObject([
        at("/livez"),
        at("/livez"),
        at("/readyz"),
      ]);
    }
  });

  test("runs as nobody, who can write only where something is mounted", () => {
    for (const each of workloads) {
      const pod = each.spec.template.spec;
      expect(pod.securityContext).toMatchObject({
        runAsNonRoot: true,
        seccompProfile: { type: "RuntimeDefault" },
      });
      expect(pod.automountServiceAccountToken).toBe(false);
      expect(only(each).securityContext).toEqual({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ["ALL"] },
      });
      const claims = each.spec.volumeClaimTemplates ?? [];
      const there = [...(pod.volumes ?? []), ...claims.map(({ metadata }: Resource) => metadata)];
      const mounted = only(each).volumeMounts.map((mount: { name: string }) => mount.name);
      expect(there.map((volume: { name: string }) => volume.name).sort()).toEqual(mounted.sort());
    }
    for (const each of ours) expect(each.spec.template.spec.securityContext.runAsUser).toBe(65532);
  });

  test("selects what it has", () => {
    for (const { kind, spec } of objects) {
      const wanted = kind === "Service" ? spec.selector : spec?.selector?.matchLabels;
      if (wanted === undefined) continue;
      const found = workloads.filter((each) => {
        const { labels } = each.spec.template.metadata;
        return Object.entries(wanted).every(([label, value]) => labels[label] === value);
      });
      expect([kind, found.length]).toEqual([kind, 1]);
    }
  });
});

test("the Secret as it stands does not let anything start", () => {
  const { stringData } = Bun.YAML.parse(text("deploy/kubernetes/secret.yaml")) as Resource;
  expect(() => loadConfig({ env: { NETPULSE_SECRET_KEY: stringData["secret-key"] } })).toThrow(
    "NETPULSE_SECRET_KEY",
  );
});

describe("the unit of systemd", () => {
  const unit = text("deploy/systemd/netpulse@.service");

  test("is understood by systemd, for each role", async () => {
    using folder = tempDir("units");
    for (const role of ["serve", "api", "node"]) {
      const here = unit.replace("/usr/local/bin/netpulse", process.execPath);
      writeFileSync(folder.file("netpulse@.service"), here);
      copyFileSync(folder.file("netpulse@.service"), folder.file(`netpulse@${role}.service`));
      const verify = [
        program("systemd-analyze", "systemd"),
        "verify",
        folder.file(`netpulse@${role}.service`),
      ];
      expect(await run(verify)).toEqual({ code: 0, stdout: "", stderr: "" });
    }
  });

  test("gives the program what the configuration knows, and longer than it takes to stop", () => {
    const [, environment = ""] = unit.match(/^Environment=(.*)$/m) ?? [];
    understood(Object.fromEntries(environment.split(" ").map((pair) => pair.split("="))));
    const [, stop] = unit.match(/^TimeoutStopSec=(\d+)$/m) ?? [];
    expect(Number(stop)).toBeGreaterThan(LONGEST_STOP);
  });

  test("runs as a user that systemd makes", async () => {
    const file = join(ROOT, "deploy/systemd/netpulse.sysusers");
    const { code, stdout, stderr } = await run([program("systemd-sysusers", "systemd"), "--dry-run", file]);
    expect({ code, said: stdout + stderr }).toMatchObject({ code: 0 });
    const [, user] = unit.match(/^User=(.*)$/m) ?? [];
    expect(readFileSync(file, "utf8")).toContain(`\nu ${user} - `);
  });
});

interface ComposeFile {
  services: Record<
    string,
    {
      image: string;
      environment: Record<string, unknown>;
      logging: unknown;
      stop_grace_period: string;
      ports?: string[];
      volumes?: string[];
    }
  >;
  volumes: Record<string, unknown>;
}

// biome-ignore lint/suspicious/noExplicitAny: of any kind; what is looked at is checked as it is looked at
type Resource = Record<string, any>;

/** With `${NAME}`, `${NAME:-default}` and `${NAME:?message}` as compose replaces them. */
function filledIn(
  environment: Record<string, unknown>,
  values: Record<string, string>,
): Record<string, string> {
  const replaced = (value: string) =>
    value.replaceAll(/\$\{(\w+)(?::([-?])([^}]*))?\}/g, (_all, name, kind, rest) => {
      const value = values[name] ?? (kind === "-" ? rest : undefined);
      if (value === undefined) throw new Error(`${name} is given by nobody`);
      return value;
    });
  return Object.fromEntries(
    Object.entries(environment).map(([name, value]) => [name, replaced(String(value))]),
  );
}
