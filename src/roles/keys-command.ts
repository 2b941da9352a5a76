import { type CliCommand, EXIT_FAILURE, InvalidArgumentError, type Io, parser } from "../cli/cli.ts";
import { addConfigOptions, type ConfigOptions, loadFromOptions } from "../cli/config-options.ts";
import { type Column, screenOf, withFormatOptions } from "../cli/listing.ts";
import type { FormatOptions } from "../cli/online/format.ts";
import { type Access, isScope, SCOPES, type Scope } from "../core/access.ts";
import { DEFAULT_KEY_NAME, isKeyName, newApiKey } from "../core/api-key.ts";
import { systemClock } from "../core/clock.ts";
import { MAX_PATTERNS, patternProblem } from "../core/command-rules.ts";
import { devicePatternProblem } from "../core/device-rules.ts";
import type { ApiKeyStore, StoredKey } from "../storage/api-keys.ts";
import type { Store } from "../storage/store.ts";
import { makeDataDir } from "./data-dir.ts";
import { noteLocally } from "./local-audit.ts";
import { withStore } from "./store-command.ts";

const PAGE = 1000;

interface AddOptions extends ConfigOptions {
  scopes: Scope[];
  allowDevice?: string[];
  denyDevice?: string[];
  allowCommand?: string[];
  denyCommand?: string[];
  expires?: Moment;
  rate?: number;
  json?: boolean;
}

/** `netpulse keys add NAME`, `list`, `revoke NAME`: work on the store itself, whether `serve` runs or not. */
export const keysCommand: CliCommand["run"] = async (argv, io) => {
  const command = parser({ name: "netpulse keys", summary: "The API's keys, and what each may do." }, io);
  let code = 0;
  addConfigOptions(command.command("add"))
    .description("make a key, and print it this once: only its hash is kept")
    .argument(
      "<name>",
      "letters, digits, dot, dash and underscore; lanes, idempotency keys and the audit log go by it",
      keyName,
    )
    .option(
      "--scopes <list>",
      `what it may do: ${SCOPES.join(", ")}, with commas; none implies another`,
      scopes,
      ["read"],
    )
    .option(
      "--allow-device <pattern>",
      "a device that it may work with, no other; again for more: a name (* for any characters), an address or a network, with site/ in front where it has one",
      device,
    )
    .option("--deny-device <pattern>", "a device that it may not work with; again for more", device)
    .option(
      "--allow-command <pattern>",
      "a line that it may send, no other; again for more: words, * for any characters of one, and at the end for all that follow",
      line,
    )
    .option(
      "--deny-command <pattern>",
      "a line that it may not send, also abbreviated or with more behind it; again for more. An allow list is the safe form",
      line,
    )
    .option("--expires <when>", "when it ends: in 90m, 12h or 30d, or at a moment as 2030-01-01", moment)
    .option("--rate <requests>", "requests a minute, for each API process", rate)
    .option("--json", "print JSON")
    .addHelpText("after", EXAMPLES)
    .action(async (name: string, options: AddOptions) => {
      code = await onStore(options, (store) => add(store, name, options, io));
    });
  addConfigOptions(withFormatOptions(command.command("list").alias("ls")))
    .description("list the keys, without what is secret of them")
    .action(async (options: ConfigOptions & FormatOptions) => {
      const screen = screenOf(io, options);
      code = await onStore(options, (store) => list(store, screen));
    });
  addConfigOptions(command.command("revoke"))
    .description("forget a key: it opens nothing any more once server.key_cache is over; accepted jobs go on")
    .argument("<name>", "its name, as list prints it")
    .action(async (name: string, options: ConfigOptions) => {
      code = await onStore(options, (store) => revoke(store, name, io));
    });
  await command.parseAsync([...argv], { from: "user" });
  return code;
};

const EXAMPLES = `
Examples:
  netpulse keys add monitoring
  netpulse keys add noc --scopes read,exec --allow-command 'show *' --allow-device '10.0.0.0/8' --expires 90d
  netpulse keys add deploy --scopes read,exec,config --deny-command 'reload' --deny-device 'core-*' --rate 600`;

async function onStore(options: ConfigOptions, work: (store: Store) => Promise<number>): Promise<number> {
  const { config } = loadFromOptions(options);
  makeDataDir(config.dataDir);
  return await withStore(config, { mustExist: false }, async (store) => {
    await store.migrate();
    return await work(store);
  });
}

async function add(store: Store, name: string, options: AddOptions, io: Io): Promise<number> {
  const { key, id, hash } = newApiKey();
  const { expires, rate: perMinute = null } = options;
  const now = systemClock.now();
  const expiresAt = expires === undefined ? null : expires(now);
  const stored: StoredKey = { name, id, hash, createdAt: now, expiresAt, perMinute, ...accessOf(options) };
  if ((await store.addKey({ key: stored })) === "taken") {
    io.err(
      `netpulse: there is a key ${JSON.stringify(name)} already; revoke it first, or take another name\n`,
    );
    return EXIT_FAILURE;
  }
  await noteLocally(store, "add_key", { detail: JSON.stringify(toJson(stored)) });
  if (options.json) io.out(`${JSON.stringify({ key, ...toJson(stored) }, null, 2)}\n`);
  else io.out(`API key ${JSON.stringify(name)}, shown this once:\n${key}\n`);
  for (const warning of warnings(stored)) io.err(`netpulse: ${warning}\n`);
  return 0;
}

function accessOf({ scopes, allowDevice, denyDevice, allowCommand, denyCommand }: AddOptions): Access {
  return {
    scopes,
    devices: { allow: allowDevice ?? null, deny: denyDevice ?? [] },
    commands: { allow: allowCommand ?? null, deny: denyCommand ?? [] },
  };
}

function warnings({ commands, scopes }: StoredKey): string[] {
  const runs = scopes.includes("exec") || scopes.includes("config");
  return [
    ...(commands.deny.length > 0 && commands.allow === null
      ? ["a deny list refuses only what somebody thought of; --allow-command is the safe form"]
      : []),
    ...(runs && !scopes.includes("read")
      ? ["without the scope read it cannot see what its jobs come to"]
      : []),
  ];
}

async function list(store: Store, screen: ReturnType<typeof screenOf>): Promise<number> {
  const keys = await allKeys(store);
  screen.list(keys.map(toJson), columns, "no key is stored; there is that of the configuration");
  return 0;
}

async function allKeys(store: ApiKeyStore): Promise<StoredKey[]> {
  const all: StoredKey[] = [];
  let after: string | null = null;
  do {
    const page = await store.listKeys({ limit: PAGE, ...(after !== null && { after }) });
    all.push(...page.keys);
    after = page.next;
  } while (after !== null);
  return all;
}

/** Without the hash: nobody needs it. */
function toJson({ name, id, scopes, devices, commands, perMinute, expiresAt, createdAt }: StoredKey) {
  return {
    name,
    id,
    scopes,
    devices,
    commands,
    rate: perMinute,
    expires_at: expiresAt === null ? null : new Date(expiresAt).toISOString(),
    created_at: new Date(createdAt).toISOString(),
  };
}

const columns: Column<ReturnType<typeof toJson>>[] = [
  { name: "name", of: ({ name }) => name },
  { name: "id", of: ({ id }) => id },
  { name: "scopes", of: ({ scopes }) => scopes.join(",") },
  { name: "devices", of: ({ devices }) => rules(devices) },
  { name: "commands", of: ({ commands }) => rules(commands) },
  { name: "rate", of: ({ rate }) => (rate === null ? "" : `${rate}/min`) },
  { name: "expires", of: ({ expires_at }) => expires_at ?? "never" },
  { name: "created", of: ({ created_at }) => created_at },
];

function rules({ allow, deny }: Access["devices"]): string {
  const parts = [
    ...(allow === null ? [] : [`only ${allow.join(", ")}`]),
    ...(deny.length > 0 ? [`not ${deny.join(", ")}`] : []),
  ];
  return parts.join("; ") || "any";
}

async function revoke(store: Store, name: string, io: Io): Promise<number> {
  if ((await store.revokeKey({ name })) === "unknown") {
    io.err(`netpulse: there is no key ${JSON.stringify(name)}\n`);
    return EXIT_FAILURE;
  }
  await noteLocally(store, "revoke_key", { detail: name });
  io.out(`revoked ${JSON.stringify(name)}\n`);
  return 0;
}

function keyName(text: string): string {
  if (isKeyName(text)) return text;
  throw new InvalidArgumentError(
    `Give letters, digits, dot, dash and underscore, at most 63, and not ${DEFAULT_KEY_NAME}: that is the configured key.`,
  );
}

function scopes(text: string): Scope[] {
  const names = [...new Set(text.split(",").map((name) => name.trim()))];
  if (names.every(isScope)) return names;
  throw new InvalidArgumentError(`Give some of ${SCOPES.join(", ")}, with commas.`);
}

function device(text: string, before: string[] = []): string[] {
  return oneMore(text, before, devicePatternProblem(text));
}

function line(text: string, before: string[] = []): string[] {
  return oneMore(text, before, patternProblem(text));
}

function oneMore(text: string, before: string[], problem: string | null): string[] {
  if (problem !== null) throw new InvalidArgumentError(`It ${problem}.`);
  if (before.length === MAX_PATTERNS)
    throw new InvalidArgumentError(`A list has ${MAX_PATTERNS} patterns at most.`);
  return [...before, text];
}

/** From now. */
type Moment = (now: number) => number;

const UNITS: Record<string, number> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

function moment(text: string): Moment {
  const [, count, unit = ""] = /^(\d{1,6})([mhd])$/.exec(text) ?? [];
  if (count !== undefined) return (now) => now + Number(count) * (UNITS[unit] ?? 0);
  const at = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(at))
    throw new InvalidArgumentError("Give 90m, 12h, 30d, or a moment as 2030-01-01T00:00:00Z.");
  return () => at;
}

function rate(text: string): number {
  const number = Number(text);
  if (Number.isSafeInteger(number) && number >= 1) return number;
  throw new InvalidArgumentError("Give a whole number of requests a minute.");
}
