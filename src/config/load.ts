import { StartupError } from "../core/errors.ts";
import { type Environment, processEnvironment, thisMachine } from "./environment.ts";
import { type Config, type KeyEntry, keyEntries, type Machine } from "./schema.ts";
import {
  fromEnvironment,
  fromFile,
  fromOtherPrograms,
  fromOverrides,
  type Origin,
  refusal,
  type Source,
} from "./sources.ts";

export interface LoadParams {
  /** The process's own when absent. */
  env?: Environment;
  /** A YAML file; `NETPULSE_CONFIG` names one when absent. */
  file?: string;
  /** `section.key=value`, from the command line. */
  overrides?: readonly string[];
  machine?: Machine;
}

export interface LoadedConfig {
  config: Config;
  /** By key name, as `server.port`. */
  origins: ReadonlyMap<string, Origin>;
}

type Scalar = string | number | null;

/**
 * Default < variables of other programs < file < environment < command line. Throws `StartupError` that names every wrong value and
 * every unknown key with where it came from, and no secret.
 */
export function loadConfig(params: LoadParams = {}): LoadedConfig {
  const entries = keyEntries();
  const origins = new Map<string, Origin>();
  const values = defaults(entries, params.machine ?? thisMachine(), origins);
  const problems: string[] = [];
  for (const source of sources(entries, params)) {
    problems.push(...source.problems);
    for (const given of source.given) {
      const value = given.entry.key.parse(given.text);
      if (value === undefined) problems.push(refusal(given));
      values.set(given.entry.name, value ?? null);
      origins.set(given.entry.name, given.origin);
    }
  }
  if (problems.length > 0) throw new StartupError(problems.join("; "));
  fillIn(values);
  const config = assemble(entries, values);
  checkTogether(config);
  return { config, origins };
}

function sources(entries: readonly KeyEntry[], params: LoadParams): Source[] {
  const env = params.env ?? processEnvironment();
  const file = params.file ?? env.NETPULSE_CONFIG;
  return [
    fromOtherPrograms(entries, env),
    ...(file ? [fromFile(entries, file)] : []),
    fromEnvironment(entries, env),
    fromOverrides(entries, params.overrides ?? []),
  ];
}

function defaults(
  entries: readonly KeyEntry[],
  machine: Machine,
  origins: Map<string, Origin>,
): Map<string, Scalar> {
  const values = new Map<string, Scalar>();
  for (const { name, key } of entries) {
    values.set(name, typeof key.default === "function" ? key.default(machine) : key.default);
    origins.set(name, { kind: "default", name: "" });
  }
  return values;
}

function fillIn(values: Map<string, Scalar>): void {
  const dataDir = String(values.get("data_dir"));
  for (const [name, value] of values) {
    if (typeof value === "string") values.set(name, value.replaceAll("{data_dir}", dataDir));
  }
}

/** The schema is the proof that what is put together here is a `Config`. */
function assemble(entries: readonly KeyEntry[], values: ReadonlyMap<string, Scalar>): Config {
  const root: Mapping = {};
  for (const { name, path } of entries) put(root, path, values.get(name));
  return root as unknown as Config;
}

type Mapping = { [name: string]: unknown };

function put(mapping: Mapping, [name = "", ...rest]: readonly string[], value: unknown): void {
  if (rest.length === 0) mapping[name] = value;
  else {
    mapping[name] ??= {};
    put(mapping[name] as Mapping, rest, value);
  }
}

function checkTogether(config: Config): void {
  const { server, worker, storage } = config;
  const { redis } = storage;
  checkSecrets(config);
  if ((server.tls.cert === null) !== (server.tls.key === null)) {
    throw new StartupError("server.tls.cert and server.tls.key need each other; give both or none");
  }
  if ((redis.tlsCert === null) !== (redis.tlsKey === null)) {
    throw new StartupError(
      "storage.redis.tls_cert and storage.redis.tls_key need each other; give both or none",
    );
  }
  if (worker.leaseMargin > worker.lease / 2) {
    throw new StartupError(
      `worker.lease_margin is ${worker.leaseMargin} s; give at most half of worker.lease (${worker.lease} s)`,
    );
  }
}

function checkSecrets({ secretKey, previousSecretKey, credentials: { vault } }: Config): void {
  if (previousSecretKey !== null && secretKey === null)
    throw new StartupError(
      "previous_secret_key is of no use without secret_key: a key file keeps both by itself",
    );
  if ((vault.roleId === null) !== (vault.secretId === null))
    throw new StartupError(
      "credentials.vault.role_id and credentials.vault.secret_id need each other; give both or none",
    );
  if (vault.addr !== null && (vault.token === null) === (vault.roleId === null))
    throw new StartupError(
      "credentials.vault.addr needs one way to log in: credentials.vault.token, or role_id and secret_id",
    );
}
