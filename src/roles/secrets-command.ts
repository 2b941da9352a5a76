import { type CliCommand, EXIT_FAILURE, InvalidArgumentError, type Io, parser } from "../cli/cli.ts";
import { addConfigOptions, type ConfigOptions, loadFromOptions } from "../cli/config-options.ts";
import { type Column, screenOf, withFormatOptions } from "../cli/listing.ts";
import type { FormatOptions } from "../cli/online/format.ts";
import type { Config } from "../config/schema.ts";
import { systemClock } from "../core/clock.ts";
import { isCredentialPath, PATH_WORDS } from "../core/credential.ts";
import { devicePatternProblem } from "../core/device-rules.ts";
import { type SecretStore, type StoredSecret, secretBinding } from "../storage/secrets.ts";
import type { Store } from "../storage/store.ts";
import { makeDataDir } from "./data-dir.ts";
import { noteLocally } from "./local-audit.ts";
import { rotate } from "./rotate-key.ts";
import { PRINT_KEY, sealerOf } from "./sealing.ts";
import { type ReadSecret, readSecretInput } from "./secret-input.ts";
import { withStore } from "./store-command.ts";

const SUMMARY = `Keeps named credentials, sealed, for jobs that refer to them ("credential": "NAME").

Works on the store itself, whether a server runs or not.`;

const EXAMPLES = `
Examples:
  netpulse secrets set core/admin --username admin < password.txt
  netpulse secrets set core/admin --json < fields.json      # {"username": …, "password": …, "secret": …}
  netpulse secrets set lab --username lab --device '10.9.0.0/16'
  netpulse secrets list
  netpulse secrets rotate-key`;

const PAGE = 1000;
const MAX_FIELDS = 64;

interface SetOptions {
  username?: string;
  json?: boolean;
  device?: string[];
}

/** `netpulse secrets set | list | remove | rotate-key`. */
export const secretsCommand: CliCommand["run"] = async (argv, io) => {
  let code = 0;
  const command = parser({ name: "netpulse secrets", summary: SUMMARY }, io).addHelpText("after", EXAMPLES);
  addConfigOptions(command.command("set"))
    .description(
      "store a credential, or take the place of one of that name; its secret comes by standard input",
    )
    .argument("<name>", "what jobs refer to", nameOf)
    .option("--username <name>", "the user; standard input is the password")
    .option("--json", "standard input is a JSON object of fields")
    .option("--device <pattern>", "a device that it may go to, as of keys; again for more", device)
    .action(async (name: string, options: ConfigOptions & SetOptions) => {
      code = await onStore(options, (store, config) =>
        set(store, config, { name, options, io, read: readSecretInput }),
      );
    });
  addConfigOptions(withFormatOptions(command.command("list").alias("ls")))
    .description("list the credentials, without what is secret of them")
    .action(async (options: ConfigOptions & FormatOptions) => {
      const screen = screenOf(io, options);
      code = await onStore(options, (store) => list(store, screen));
    });
  addConfigOptions(command.command("remove"))
    .description("forget a credential: jobs that refer to it fail from then on")
    .argument("<name>", "its name, as list prints it")
    .action(async (name: string, options: ConfigOptions) => {
      code = await onStore(options, (store) => remove(store, name, io));
    });
  addConfigOptions(command.command("rotate-key"))
    .description("seal all that is sealed with a new key, while jobs are accepted and run")
    .action(async (options: ConfigOptions) => {
      code = await onStore(options, (store, config) => rotate(store, config, io));
    });
  await command.parseAsync([...argv], { from: "user" });
  return code;
};

async function onStore(
  options: ConfigOptions,
  work: (store: Store, config: Config) => Promise<number>,
): Promise<number> {
  const { config } = loadFromOptions(options);
  makeDataDir(config.dataDir);
  return await withStore(config, { mustExist: false }, async (store) => {
    await store.migrate();
    return await work(store, config);
  });
}

interface Setting {
  name: string;
  options: SetOptions;
  io: Io;
  read: ReadSecret;
}

async function set(store: Store, config: Config, { name, options, io, read }: Setting): Promise<number> {
  const { username, json = false, device: devices = null } = options;
  if (json === (username !== undefined)) {
    io.err(
      "netpulse: give --username, and the password by standard input; or --json, and all fields by it\n",
    );
    return EXIT_FAILURE;
  }
  const given = await read(io, json ? "fields, as JSON" : "password");
  const fields = username === undefined ? fieldsOfJson(given) : { username, password: given };
  if (fields === null || given === "") {
    io.err("netpulse: standard input is not what it should be: a password, or a JSON object of texts\n");
    return EXIT_FAILURE;
  }
  const ring = await sealerOf(config, store);
  const sealed = ring.seal(secretBinding(name), new TextEncoder().encode(JSON.stringify(fields)));
  const secret = { name, sealed, fields: Object.keys(fields), devices, changedAt: systemClock.now() };
  const outcome = await store.putSecret({ secret });
  await noteLocally(store, "set_secret", { detail: name });
  io.out(`${outcome} ${JSON.stringify(name)}\n`);
  return 0;
}

function fieldsOfJson(text: string): Record<string, string> | null {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== "object" || value === null || Array.isArray(value)) return null;
    const fields = Object.entries(value);
    if (fields.length === 0 || fields.length > MAX_FIELDS) return null;
    return fields.every((field): field is [string, string] => typeof field[1] === "string")
      ? Object.fromEntries(fields)
      : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null; // its words would quote the secret
    throw error;
  }
}

async function list(store: SecretStore, screen: ReturnType<typeof screenOf>): Promise<number> {
  const all = (await allSecrets(store)).filter(({ name }) => name !== PRINT_KEY).map(toJson);
  screen.list(all, columns, "no credential is stored");
  return 0;
}

const columns: Column<ReturnType<typeof toJson>>[] = [
  { name: "name", of: ({ name }) => name },
  { name: "fields", of: ({ fields }) => fields.join(",") },
  { name: "devices", of: ({ devices }) => devices?.join(", ") ?? "any" },
  { name: "changed", of: ({ changed_at }) => changed_at },
];

async function allSecrets(store: SecretStore): Promise<StoredSecret[]> {
  const all: StoredSecret[] = [];
  let after: string | null = null;
  do {
    const page = await store.listSecrets({ limit: PAGE, ...(after !== null && { after }) });
    all.push(...page.secrets);
    after = page.next;
  } while (after !== null);
  return all;
}

function toJson({ name, fields, devices, changedAt }: StoredSecret) {
  return { name, fields, devices, changed_at: new Date(changedAt).toISOString() };
}

async function remove(store: Store, name: string, io: Io): Promise<number> {
  if (name === PRINT_KEY || (await store.forgetSecret({ name })) === "unknown") {
    io.err(`netpulse: there is no credential ${JSON.stringify(name)}\n`);
    return EXIT_FAILURE;
  }
  await noteLocally(store, "remove_secret", { detail: name });
  io.out(`removed ${JSON.stringify(name)}\n`);
  return 0;
}

function nameOf(text: string): string {
  if (isCredentialPath(text)) return text;
  throw new InvalidArgumentError(`Give ${PATH_WORDS}.`);
}

function device(text: string, before: string[] = []): string[] {
  const problem = devicePatternProblem(text);
  if (problem !== null) throw new InvalidArgumentError(`It ${problem}.`);
  return [...before, text];
}
