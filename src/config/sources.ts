import { readFileSync } from "node:fs";
import { StartupError } from "../core/errors.ts";
import { maskText } from "../core/mask.ts";
import { nearest } from "../core/nearest.ts";
import type { Environment } from "./environment.ts";
import type { KeyEntry } from "./schema.ts";
import { maskUrl } from "./url-secrets.ts";

/** Where a value comes from; later ones in this list win. */
export type OriginKind = "default" | "file" | "environment" | "command line";

export interface Origin {
  kind: OriginKind;
  /** The file, the variable or the option; empty for a default. */
  name: string;
}

/** A value as it was given. */
export interface Given {
  entry: KeyEntry;
  text: string;
  origin: Origin;
  /** How the operator named it there, for error messages. */
  label: string;
}

/** What a source holds: values of known keys, and one line for everything that is wrong in it. */
export interface Source {
  given: Given[];
  problems: string[];
}

/** Variables with our prefix that are not keys of the configuration: the rest is of the commands over HTTP. */
const OTHER_VARIABLES = [
  "NETPULSE_CONFIG",
  "NETPULSE_URL",
  "NETPULSE_API_KEY",
  "NETPULSE_DEVICE_USERNAME",
  "NETPULSE_DEVICE_PASSWORD",
  "NETPULSE_DEVICE_SECRET",
];

/**
 * Kubernetes sets these in every pod beside a service named `netpulse`; they are its, not a mistyped
 * key. `NETPULSE_PORT` counts only with the URL that Kubernetes puts there.
 */
const SERVICE_LINK =
  /^NETPULSE_(SERVICE_HOST|SERVICE_PORT(_[A-Z0-9_]+)?|PORT(_\d+_(TCP|UDP|SCTP)(_[A-Z]+)?)?)$/;

function isServiceLink(name: string, text: string): boolean {
  return SERVICE_LINK.test(name) && (name !== "NETPULSE_PORT" || /^(tcp|udp|sctp):\/\//.test(text));
}

/** Fields of credentials (`env` of `credentials.chain`). */
const CREDENTIAL = /^NETPULSE_CREDENTIAL_[A-Z0-9_]+__[A-Z0-9_]+$/;

/** An empty variable counts as not set, as compose files pass it. */
export function fromEnvironment(entries: readonly KeyEntry[], env: Environment): Source {
  const byName = new Map(entries.map((entry) => [entry.env, entry]));
  const source: Source = { given: [], problems: [] };
  for (const [name, text] of Object.entries(env)) {
    if (text === undefined || text === "") continue;
    const entry = byName.get(name);
    if (entry) source.given.push({ entry, text, origin: { kind: "environment", name }, label: name });
    else if (!/^netpulse_/i.test(name) || isOther(name, text)) continue;
    else
      source.problems.push(
        `${name} in the environment: ${unknown(name, [...byName.keys(), ...OTHER_VARIABLES])}`,
      );
  }
  return source;
}

function isOther(name: string, text: string): boolean {
  return OTHER_VARIABLES.includes(name) || CREDENTIAL.test(name) || isServiceLink(name, text);
}

/** What variables of other programs say of our keys. They are set for those programs: everything else wins. */
export function fromOtherPrograms(entries: readonly KeyEntry[], env: Environment): Source {
  const given = entries.flatMap((entry): Given[] => {
    const name = entry.key.foreignEnv;
    const text = name === undefined ? undefined : env[name];
    if (name === undefined || text === undefined || text === "") return [];
    return [{ entry, text, origin: { kind: "environment", name }, label: name }];
  });
  return { given, problems: [] };
}

/** `--set section.key=value`, in order; the last of one key wins. */
export function fromOverrides(entries: readonly KeyEntry[], overrides: readonly string[]): Source {
  const byName = new Map(entries.map((entry) => [entry.name, entry]));
  const source: Source = { given: [], problems: [] };
  for (const override of overrides) {
    const equals = override.indexOf("=");
    const name = equals < 0 ? override : override.slice(0, equals);
    const entry = byName.get(name);
    const label = `--set ${name}`;
    if (!entry) source.problems.push(`${label}: ${unknown(name, byName.keys())}`);
    else if (equals < 0) source.problems.push(`${label}: give a value, as --set ${name}=VALUE`);
    else {
      const text = override.slice(equals + 1);
      source.given.push({ entry, text, origin: { kind: "command line", name: "--set" }, label });
    }
  }
  return source;
}

export function fromFile(entries: readonly KeyEntry[], path: string): Source {
  const source: Source = { given: [], problems: [] };
  const root = parseYaml(path);
  if (root === null || root === undefined) return source;
  if (!isMapping(root)) return { given: [], problems: [`${path}: give a mapping of sections, as "server:"`] };
  const reader = new FileReader(entries, path, source);
  for (const [name, value] of Object.entries(root)) reader.read(name, value);
  return source;
}

class FileReader {
  readonly #byName: Map<string, KeyEntry>;
  readonly #sections: Set<string>;
  readonly #path: string;
  readonly #source: Source;

  constructor(entries: readonly KeyEntry[], path: string, source: Source) {
    this.#byName = new Map(entries.map((entry) => [entry.name, entry]));
    this.#sections = new Set(entries.flatMap(({ name }) => sectionsOf(name)));
    this.#path = path;
    this.#source = source;
  }

  /** A key or a section, by its whole name. */
  read(name: string, value: unknown): void {
    if (this.#byName.has(name)) this.#take(name, value);
    else if (!this.#sections.has(name)) this.#problem(name, unknown(name, this.#beside(name)));
    else if (isMapping(value))
      for (const [key, inner] of Object.entries(value)) this.read(`${name}.${key}`, inner);
    else if (value !== null) this.#problem(name, "is a section; give a mapping of its keys");
  }

  /** All that may stand where `name` does. */
  #beside(name: string): string[] {
    const section = sectionOf(name);
    return [...this.#sections, ...this.#byName.keys()].filter((known) => sectionOf(known) === section);
  }

  /** `null` counts as not set. Text must be text: an unquoted 0012 would silently become 12. */
  #take(name: string, value: unknown): void {
    const entry = this.#byName.get(name);
    if (!entry || value === null) return;
    const { numeric, list } = entry.key;
    const names = list === true && Array.isArray(value) && value.every((name) => typeof name === "string");
    if (typeof value === "string" || (numeric && typeof value === "number") || names) {
      const origin: Origin = { kind: "file", name: this.#path };
      this.#source.given.push({ entry, text: String(value), origin, label: `${name} in ${this.#path}` });
    } else {
      this.#problem(name, numeric ? `give ${entry.key.allowed}` : "write the value in quotes");
    }
  }

  #problem(name: string, message: string): void {
    this.#source.problems.push(`${name} in ${this.#path}: ${message}`);
  }
}

function parseYaml(path: string): unknown {
  try {
    return Bun.YAML.parse(readFileSync(path, "utf8"));
  } catch (error) {
    // The parser's own message may quote the file, which may hold a secret.
    const why = error instanceof SyntaxError ? "is not valid YAML" : `cannot be read (${codeOf(error)})`;
    throw new StartupError(`the configuration file ${path} ${why}`, { cause: error });
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "unknown error";
}

function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** `storage.redis` of `storage.redis.prefix`; empty at the top. */
function sectionOf(name: string): string {
  return name.slice(0, Math.max(0, name.lastIndexOf(".")));
}

/** All sections that a key is in. */
function sectionsOf(name: string): string[] {
  const section = sectionOf(name);
  return section === "" ? [] : [...sectionsOf(section), section];
}

function unknown(name: string, known: Iterable<string>): string {
  const best = nearest(name, known);
  const hint = best === null ? "`netpulse config` lists all" : `did you mean ${best}?`;
  return `unknown key; ${hint}`;
}

/** What is wrong with a value, with the value itself only where that is safe to show. */
export function refusal({ entry, text, label }: Given): string {
  const shown = entry.key.secret ? "the value" : JSON.stringify(maskText(maskUrl(text)).slice(0, 80));
  return `${label}: ${shown} is not allowed; give ${entry.key.allowed}`;
}
