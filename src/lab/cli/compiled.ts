import { type ConfigEntry, settingOf } from "./config-tree.ts";
import { Grammar } from "./grammar.ts";
import type { CliDefinition, Command, Mode } from "./model.ts";

/** A definition with its grammars built; one for all devices of a lab. */
export interface Compiled {
  definition: CliDefinition;
  mode(name: string): Mode;
  grammar(name: string): Grammar<Command>;
}

/** What a device with this configuration calls itself. */
export function hostnameIn({ dialect }: CliDefinition, config: ConfigEntry): string {
  const named = dialect.hostnameIn?.(config) ?? settingOf(config, dialect.hostnameSetting);
  return named ?? dialect.defaultHostname;
}

/** Grammars are built when a mode is first entered. */
export function compile(definition: CliDefinition): Compiled {
  const grammars = new Map<string, Grammar<Command>>();
  function mode(name: string): Mode {
    const found = definition.modes[name];
    if (!found) throw new Error(`${definition.name} has no mode ${name}`);
    return found;
  }
  function grammar(name: string): Grammar<Command> {
    const built = grammars.get(name) ?? new Grammar(mode(name).commands, definition.types);
    grammars.set(name, built);
    return built;
  }
  return { definition, mode, grammar };
}
