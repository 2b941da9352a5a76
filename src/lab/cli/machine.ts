import type { Chassis, Line, Machine, Platform, Seed } from "../platform.ts";
import { telnetLogin } from "../telnet/logins.ts";
import { type Compiled, compile, hostnameIn } from "./compiled.ts";
import { type ConfigEntry, copyConfig } from "./config-tree.ts";
import type { CliDefinition, CliState } from "./model.ts";
import { CliSession } from "./session.ts";

/** Devices are found running for some weeks, each for a time of its own. */
const BASE_AGE_MS = 41 * 86_400_000 + 3 * 3_600_000 + 17 * 60_000;
const AGE_STEP_MS = 7_919_000;

/** Turns a definition into a platform of the lab. */
export function cliPlatform(definition: CliDefinition): Platform {
  const compiled = compile(definition);
  const { name, ident, channels, hangsUp, plainNewline } = definition;
  const boot = (seed: Seed, chassis: Chassis) => new CliMachine(compiled, seed, chassis);
  return { name, ident, channels, hangsUp, plainNewline, telnet: telnetLogin(name), boot };
}

class State implements CliState {
  readonly seed: Seed;
  readonly chassis: Chassis;
  startup: ConfigEntry;
  bootedAt: number;
  changed: CliState["changed"] = null;
  saved: CliState["saved"] = null;
  trial: CliState["trial"] = null;
  lock: CliState["lock"] = null;
  readonly pending: CliState["pending"] = new Map();
  #running: ConfigEntry;

  constructor(running: ConfigEntry, seed: Seed, chassis: Chassis) {
    this.seed = seed;
    this.chassis = chassis;
    this.#running = running;
    this.startup = copyConfig(running);
    this.bootedAt = chassis.clock.monotonic() - BASE_AGE_MS - (seed.index % 512) * AGE_STEP_MS;
  }

  /** A trial that is over is noticed when somebody looks: a timer would outlive the lab. */
  get running(): ConfigEntry {
    if (this.trial !== null && this.chassis.clock.monotonic() >= this.trial.until) {
      this.#running = this.trial.before;
      this.trial = null;
    }
    return this.#running;
  }
  set running(config: ConfigEntry) {
    this.#running = config;
  }
}

class CliMachine implements Machine {
  readonly #compiled: Compiled;
  readonly #state: State;

  constructor(compiled: Compiled, seed: Seed, chassis: Chassis) {
    this.#compiled = compiled;
    this.#state = new State(compiled.definition.factory(seed), seed, chassis);
  }

  hostname(): string {
    return hostnameIn(this.#compiled.definition, this.#state.running);
  }

  runningConfig(): string {
    return this.#compiled.definition.showConfig(this.#state, this.#state.running);
  }

  startupConfig(): string {
    return this.#compiled.definition.showConfig(this.#state, this.#state.startup);
  }

  accepts(username: string, password: string): boolean {
    return this.#compiled.definition.accepts(this.#state, username, password);
  }

  shell(line: Line): Promise<void> {
    return new CliSession(this.#compiled, this.#state, line).interact();
  }

  async exec(line: Line, command: string): Promise<number> {
    const session = new CliSession(this.#compiled, this.#state, line);
    await session.once(command);
    return session.refused ? this.#compiled.definition.dialect.execFailure : 0;
  }
}
