import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { type LoadParams, loadConfig } from "../../src/config/load.ts";
import { parseSites } from "../../src/core/device.ts";
import { StartupError } from "../../src/core/errors.ts";

const folder = mkdtempSync(join(tmpdir(), "netpulse-config-"));
afterAll(() => rmSync(folder, { recursive: true }));

const machine = { hostname: "edge-7", tty: false };
const SECRET = "s3cr3t-that-nobody-may-see";

function load(params: LoadParams = {}) {
  return loadConfig({ env: {}, machine, ...params });
}

function yaml(text: string): string {
  const path = join(folder, `${Bun.hash(text)}.yaml`);
  writeFileSync(path, text);
  return path;
}

function refused(params: LoadParams): string {
  try {
    load(params);
  } catch (error) {
    expect(error).toBeInstanceOf(StartupError);
    return (error as StartupError).message;
  }
  throw new Error("the configuration was accepted");
}

describe("where a value comes from", () => {
  test("with nothing set, every key has its default", () => {
    const { config, origins } = load();
    expect(config.server).toEqual({
      host: "127.0.0.1",
      port: 9000,
      apiKey: null,
      maxBody: 4 * 1024 ** 2,
      bodyTimeout: 30,
      idleTimeout: 120,
      maxStreams: 256,
      streamStall: 30,
      keyCache: 5,
      rateLimit: 0,
      maxUrl: 8192,
      maxHeaders: 16_384,
      headerTimeout: 20,
      trustProxy: null,
      corsOrigins: null,
      tls: { cert: null, key: null },
    });
    expect(config.worker).toEqual({
      fifo: 8,
      pinned: 1000,
      sessionsPerHost: 400,
      lease: 10,
      leaseMargin: 1,
      idleTimeout: 600,
      deadRetention: 3600,
      drainGrace: 30,
      placement: "least_load",
      stopGrace: 3,
    });
    expect(config.storage.url).toBe("sqlite:./data/netpulse.db");
    expect([...origins.values()].every((origin) => origin.kind === "default")).toBe(true);
  });

  test("the command line wins over the environment, that over the file, that over the default", () => {
    const file = yaml("server:\n  port: 1111\n  host: 10.0.0.1\nworker: {fifo: 3}\n");
    const { config, origins } = load({
      env: { NETPULSE_CONFIG: file, NETPULSE_SERVER__PORT: "2222", NETPULSE_SERVER__HOST: "10.0.0.2" },
      overrides: ["server.port=3333"],
    });
    expect(config.server.port).toBe(3333);
    expect(config.server.host).toBe("10.0.0.2");
    expect(config.worker.fifo).toBe(3);
    expect(origins.get("server.port")).toEqual({ kind: "command line", name: "--set" });
    expect(origins.get("server.host")).toEqual({ kind: "environment", name: "NETPULSE_SERVER__HOST" });
    expect(origins.get("worker.fifo")).toEqual({ kind: "file", name: file });
    expect(origins.get("job.ttl")).toEqual({ kind: "default", name: "" });
  });

  test("data_dir is filled in wherever it is named", () => {
    const { config } = load({ env: { NETPULSE_DATA_DIR: "/var/lib/netpulse" } });
    expect(config.storage.url).toBe("sqlite:/var/lib/netpulse/netpulse.db");
  });

  test("node and log follow the machine", () => {
    expect(load().config.node.name).toBe("edge-7");
    expect(load().config.log.format).toBe("json");
    expect(load({ machine: { hostname: "edge-7", tty: true } }).config.log.format).toBe("pretty");
  });

  test("TZ is the zone of the API's times, UTC when unset or empty", () => {
    expect(load().config.timeZone).toBe("UTC");
    expect(load({ env: { TZ: "" } }).config.timeZone).toBe("UTC");
    expect(load({ env: { TZ: "Asia/Shanghai" } }).config.timeZone).toBe("Asia/Shanghai");
    expect(load({ env: { TZ: ":Europe/Berlin" } }).config.timeZone).toBe("Europe/Berlin");
  });

  test("an empty variable and a null in the file count as not set", () => {
    const { config } = load({
      env: { NETPULSE_SERVER__API_KEY: "" },
      file: yaml("server:\n  port: null\nworker:\n"),
    });
    expect(config.server.apiKey).toBeNull();
    expect(config.server.port).toBe(9000);
  });

  test("an empty file is fine", () => {
    expect(load({ file: yaml("# nothing yet\n") }).config.server.port).toBe(9000);
  });
});

describe("spelling of values", () => {
  test.each([
    ["4MiB", 4 * 1024 ** 2],
    ["2 MiB", 2 * 1024 ** 2],
    ["1.5MiB", 1.5 * 1024 ** 2],
    ["1mb", 1_000_000],
    ["2048", 2048],
    ["64KiB", 65_536],
  ])("a size may be written %s", (text, value) => {
    expect(load({ env: { NETPULSE_SERVER__MAX_BODY: text } }).config.server.maxBody).toBe(value);
  });

  test("durations are seconds with a fraction", () => {
    expect(load({ env: { NETPULSE_WORKER__LEASE: "2.5" } }).config.worker.lease).toBe(2.5);
  });

  test.each([
    ["as text", 'node: {sites: "berlin, default"}'],
    ["as a list", "node: {sites: [berlin, default]}"],
  ])("sites may be given %s", (_how, text) => {
    expect(parseSites(load({ file: yaml(text) }).config.node.sites)).toEqual(["berlin", null]);
  });

  test.each(["node: {sites: [1]}", "node: {sites: [a/b]}", "node: {sites: []}", "node: {name: [a]}"])(
    "%s is refused",
    (text) => {
      expect(refused({ file: yaml(text) })).toMatch(/node\.(sites|name) in/);
    },
  );

  test("an equals sign belongs to the value", () => {
    const { config } = load({ overrides: ["storage.url=sqlite:/data/a=b.db"] });
    expect(config.storage.url).toBe("sqlite:/data/a=b.db");
  });
});

describe("the folder of templates", () => {
  const dir = (params: LoadParams) => load(params).config.templates.dir;

  test("is none, that of netmiko's variable, or whatever says so for us, the file included", () => {
    const net = { NET_TEXTFSM: "/net" };
    expect(dir({})).toBeNull();
    expect(dir({ env: { NET_TEXTFSM: "" } })).toBeNull();
    expect(dir({ env: net })).toBe("/net");
    expect(dir({ env: net, file: yaml("templates: {dir: /file}") })).toBe("/file");
    expect(
      dir({ env: { ...net, NETPULSE_TEMPLATES_DIR: "/ours" }, file: yaml("templates: {dir: /file}") }),
    ).toBe("/ours");
    expect(load({ env: net }).origins.get("templates.dir")).toEqual({
      kind: "environment",
      name: "NET_TEXTFSM",
    });
  });

  test("may begin with the home folder", () => {
    expect(dir({ overrides: ["templates.dir=~/ntc-templates"] })).toBe(join(homedir(), "ntc-templates"));
    expect(dir({ overrides: ["templates.dir=~other"] })).toBe("~other");
  });

  test("is refused by the name of the variable that gave it", () => {
    expect(refused({ env: { NET_TEXTFSM: "a\nb" } })).toStartWith("NET_TEXTFSM: ");
    expect(refused({ env: { NETPULSE_TEMPLATES__DIR: "/a" } })).toContain(
      "did you mean NETPULSE_TEMPLATES_DIR?",
    );
  });
});

describe("a section within a section", () => {
  test("is read from the file, the environment and the command line", () => {
    const file = yaml("storage:\n  redis:\n    shards: 4\n    prefix: lab\n    command_timeout: 2.5\n");
    const { config, origins } = load({
      file,
      env: { NETPULSE_STORAGE__REDIS__PREFIX: "site-7", NETPULSE_STORAGE__REDIS__WAIT_REPLICAS: "2" },
      overrides: ["storage.redis.tls_ca=/etc/ssl/ours.pem"],
    });
    expect(config.storage.redis).toEqual({
      prefix: "site-7",
      shards: 4,
      waitReplicas: 2,
      commandTimeout: 2.5,
      tlsCa: "/etc/ssl/ours.pem",
      tlsCert: null,
      tlsKey: null,
    });
    expect(origins.get("storage.redis.shards")).toEqual({ kind: "file", name: file });
  });

  test("is not needed: what depends on the store is left to it", () => {
    expect(load().config.storage.redis).toMatchObject({
      shards: null,
      waitReplicas: null,
      prefix: "netpulse",
    });
  });

  test("has its own unknown keys", () => {
    expect(refused({ file: yaml("storage: {redis: {shard: 2}}") })).toContain(
      "did you mean storage.redis.shards?",
    );
    expect(refused({ file: yaml("storage: {reds: {shards: 2}}") })).toContain("did you mean storage.redis?");
    expect(refused({ file: yaml("storage: {redis: 2}") })).toContain("storage.redis in");
    expect(refused({ file: yaml("storage: {redis: 2}") })).toContain("is a section");
    expect(refused({ env: { NETPULSE_STORAGE__REDIS__TLSCA: "x" } })).toContain(
      "did you mean NETPULSE_STORAGE__REDIS__TLS_CA?",
    );
  });

  test("may be empty", () => {
    expect(load({ file: yaml("storage:\n  redis:\n") }).config.storage.redis.shards).toBeNull();
  });
});

describe("where jobs are kept", () => {
  test.each([
    "sqlite:./x.db",
    "redis://:pw@localhost:6379/1",
    "rediss://bob:pw@localhost",
    "redis+sentinel://a,b,c/main",
    "redis+cluster://a:1,b:2?tls=true",
  ])("may be %s", (url) => {
    expect(load({ env: { NETPULSE_STORAGE__URL: url } }).config.storage.url).toBe(url);
  });

  test("a certificate of ours comes with its key", () => {
    const message = refused({ overrides: ["storage.redis.tls_cert=/a.pem"] });
    expect(message).toContain("storage.redis.tls_key");
  });

  test.each([
    [["previous_secret_key=0123456789abcdef"], "without secret_key"],
    [["credentials.vault.role_id=net"], "credentials.vault.secret_id"],
    [["credentials.vault.addr=https://vault:8200"], "one way to log in"],
    [
      ["addr=https://v:8200", "token=t", "role_id=r", "secret_id=s"].map(
        (each) => `credentials.vault.${each}`,
      ),
      "one way to log in",
    ],
    [["credentials.chain=store,vault"], "vault_kv, store, file, env"],
    [["credentials.vault.allowed_paths=a b"], "secret/network/*"],
  ])("%p is refused: %s", (overrides, expected) => {
    expect(refused({ overrides })).toContain(expected);
  });

  test("fields of credentials are no keys of the configuration, what is misspelt for one is", () => {
    load({ env: { NETPULSE_CREDENTIAL_CORE__PASSWORD: "x", NETPULSE_CREDENTIAL_A_B__USERNAME: "y" } });
    expect(refused({ env: { NETPULSE_CREDENTIALS__VAULT__ADRR: "x" } })).toContain(
      "NETPULSE_CREDENTIALS__VAULT__ADDR",
    );
    expect(refused({ env: { NETPULSE_CREDENTIAL_CORE: "x" } })).toContain("unknown key");
  });
});

describe("what stands before the API", () => {
  test("a certificate comes with its key", () => {
    const message = refused({ overrides: ["server.tls.cert=/a.pem"] });
    expect(message).toContain("server.tls.key");
    const both = load({ env: { NETPULSE_SERVER__TLS__CERT: "/a.pem", NETPULSE_SERVER__TLS__KEY: "/a.key" } });
    expect(both.config.server.tls).toEqual({ cert: "/a.pem", key: "/a.key" });
  });

  test("proxies and origins may be a list", () => {
    const file = yaml(
      "server:\n  trust_proxy: [10.0.0.0/8, '::1']\n  cors_origins: ['https://a.example', 'http://b.example:8080']\n",
    );
    const { server } = load({ env: { NETPULSE_CONFIG: file } }).config;
    expect(server.trustProxy).toBe("10.0.0.0/8,::1");
    expect(server.corsOrigins).toBe("https://a.example,http://b.example:8080");
    expect(load({ overrides: ["server.cors_origins=*"] }).config.server.corsOrigins).toBe("*");
  });
});

describe("a wrong value stops the start and says how to go on", () => {
  test.each([
    ["NETPULSE_SERVER__PORT", "99999", "an integer from 0 to 65535"],
    ["NETPULSE_SERVER__PORT", "9000x", "an integer from 0 to 65535"],
    ["NETPULSE_SERVER__TRUST_PROXY", "10.0.0.0/33", "addresses or networks"],
    ["NETPULSE_SERVER__TRUST_PROXY", "proxy.example.net", "addresses or networks"],
    ["NETPULSE_SERVER__CORS_ORIGINS", "https://a.example/", "origins"],
    ["NETPULSE_SERVER__CORS_ORIGINS", "a.example", "origins"],
    ["NETPULSE_SERVER__CORS_ORIGINS", "https://a.example,*", "origins"],
    ["NETPULSE_SERVER__PORT", "1e3", "an integer from 0 to 65535"],
    ["NETPULSE_SERVER__MAX_BODY", "4 apples", "a size from 1KiB to 256MiB"],
    ["NETPULSE_SSH__HOST_KEY_POLICY", "never", "accept-new or strict or off"],
    ["NETPULSE_JOB__TTL", "-1", "seconds from 1 to"],
    ["NETPULSE_STORAGE__URL", "postgres://:hunter2secret@localhost", "redis+cluster://"],
    ["NETPULSE_STORAGE__URL", "valkey://bob:hunter2secret/x@y@localhost", "sqlite:"],
    ["NETPULSE_STORAGE__URL", "hunter2://hunter2secret@localhost", "sqlite:"],
    ["NETPULSE_STORAGE__REDIS__SHARDS", "65", "an integer from 1 to 64"],
    ["NETPULSE_STORAGE__REDIS__PREFIX", "a:b", "letters, digits, dash and underscore"],
    ["TZ", "Mars/Olympus", "the name of a time zone"],
  ])("%s=%s", (name, text, allowed) => {
    const message = refused({ env: { [name]: text } });
    expect(message).toContain(name);
    expect(message).toContain(allowed);
    expect(message).not.toContain("hunter2secret");
  });

  test("from the file, with the file's name", () => {
    const file = yaml("log:\n  level: loud\n");
    expect(refused({ file })).toBe(
      `log.level in ${file}: "loud" is not allowed; give debug or info or warn or error`,
    );
  });

  test("from the command line", () => {
    expect(refused({ overrides: ["server.port=http"] })).toContain(
      '--set server.port: "http" is not allowed',
    );
    expect(refused({ overrides: ["server.port"] })).toContain("--set server.port=VALUE");
  });

  test("text in the file must be text, or 0012 would silently be 12", () => {
    expect(refused({ file: yaml("server:\n  api_key: 0012345678901234567\n") })).toContain("in quotes");
  });

  test("all that is wrong is said at once", () => {
    const message = refused({ env: { NETPULSE_SERVER__PORT: "x" }, overrides: ["job.tll=1"] });
    expect(message).toContain("NETPULSE_SERVER__PORT");
    expect(message).toContain("job.ttl");
  });

  test("values that do not fit together", () => {
    const message = refused({ overrides: ["worker.lease=2", "worker.lease_margin=1.5"] });
    expect(message).toContain("worker.lease_margin");
    expect(message).toContain("at most half of worker.lease");
  });
});

describe("an unknown key stops the start with the nearest valid one", () => {
  test("in the environment", () => {
    expect(refused({ env: { NETPULSE_SERVER__PROT: "1" } })).toContain("did you mean NETPULSE_SERVER__PORT?");
    expect(refused({ env: { NETPULSE_SERVER_PORT: "1" } })).toContain("did you mean NETPULSE_SERVER__PORT?");
    expect(refused({ env: { netpulse_server__port: "1" } })).toContain("did you mean NETPULSE_SERVER__PORT?");
  });

  test("in the file", () => {
    expect(refused({ file: yaml("server: {prot: 1}") })).toContain("did you mean server.port?");
    expect(refused({ file: yaml("sever: {port: 1}") })).toContain("did you mean server?");
    expect(refused({ file: yaml("__proto__: {port: 1}") })).toContain("unknown key");
  });

  test("on the command line", () => {
    expect(refused({ overrides: ["server.prt=1"] })).toContain("did you mean server.port?");
  });

  test("variables of others are none of our business", () => {
    expect(load({ env: { PATH: "/bin", NETPULSER: "1" } }).config.server.port).toBe(9000);
  });

  test("what Kubernetes sets beside a service named netpulse is not a mistyped key", () => {
    const env = {
      NETPULSE_SERVICE_HOST: "10.96.0.7",
      NETPULSE_SERVICE_PORT: "9000",
      NETPULSE_SERVICE_PORT_HTTP: "9000",
      NETPULSE_PORT: "tcp://10.96.0.7:9000",
      NETPULSE_PORT_9000_TCP: "tcp://10.96.0.7:9000",
      NETPULSE_PORT_9000_TCP_ADDR: "10.96.0.7",
    };
    expect(load({ env }).config.server.port).toBe(9000);
    expect(refused({ env: { NETPULSE_PORT: "9000" } })).toContain("NETPULSE_PORT");
  });
});

describe("the file", () => {
  test("that is not there, by its name", () => {
    expect(refused({ file: join(folder, "none.yaml") })).toContain("none.yaml cannot be read (ENOENT)");
  });

  test("that is not YAML, without a line of it", () => {
    const message = refused({ file: yaml(`secret_key: ${SECRET}\nserver: [\n`) });
    expect(message).toContain("is not valid YAML");
    expect(message).not.toContain(SECRET);
  });

  test("that is a list, or whose section is a number", () => {
    expect(refused({ file: yaml("- server\n") })).toContain("mapping of sections");
    expect(refused({ file: yaml("server: 9000\n") })).toContain("is a section");
  });
});

describe("secrets", () => {
  test.each([
    [{ env: { NETPULSE_SERVER__API_KEY: `${SECRET} with spaces` } }],
    [{ overrides: [`server.api_key=${SECRET} with spaces`] }],
    [{ file: yaml(`server: {api_key: "${SECRET} with spaces"}`) }],
    [{ env: { NETPULSE_SECRET_KEY: `${SECRET}\u0007` } }],
    [{ env: { NETPULSE_SECRET_KEYS: SECRET } }],
    [{ file: yaml(`secret_kye: ${SECRET}`) }],
    [{ overrides: [`secret_kye=${SECRET}`] }],
  ] as LoadParams[][])("no refusal repeats one (%#)", (params) => {
    const message = refused(params ?? {});
    expect(message).not.toContain(SECRET);
    expect(message).toMatch(/api_key|API_KEY|secret_key|SECRET_KEY/);
  });
});
