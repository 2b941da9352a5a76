import { type ConfigEntry, lineOrder } from "../../cli/config-tree.ts";
import type { Answer, Call, CliDefinition, Command, Dialect, Mode } from "../../cli/model.ts";
import { commonTypes } from "../../cli/params.ts";
import { tailCommand } from "../../cli/tail.ts";
import type { Seed } from "../../platform.ts";
import { acceptsSeed } from "./account.ts";
import type { Statements } from "./statements.ts";

/** What those that follow Junos (`set`, `delete`, `commit`, `[edit]`) do each in its own way. */
export interface SetLike {
  name: string;
  ident: string;
  statements: Statements;
  /** The statement that names the device, before its value. */
  hostname: string;
  dialect: Pick<Dialect, "refuse" | "pager" | "defaultHostname">;
  /** Behind the user and the name. */
  promptEnd: string;
  operational: readonly Command[];
  config: readonly Command[];
  /** What `set` and `delete` say of a statement that is none. */
  refusesSet(statement: string): string;
  /** Printed before the prompt for a line that was taken. */
  took: Answer;
  factory(seed: Seed): ConfigEntry;
  greeting: string;
}

export function setLike(style: SetLike): CliDefinition {
  const { statements } = style;
  const operational: Mode = {
    kind: "exec",
    prompt: (hostname, { user }) => `${user}@${hostname}${style.promptEnd}`,
    parent: null,
    commands: [...style.operational, tailCommand],
  };
  const config: Mode = {
    kind: "config",
    prompt: (hostname, { user }) => `[edit]\n${user}@${hostname}# `,
    parent: "operational",
    commands: [...style.config, ...statementCommands(style)],
  };
  return {
    name: style.name,
    ident: style.ident,
    channels: 4,
    hangsUp: true,
    plainNewline: "\n",
    dialect: {
      filters: ["include", "exclude", "count"],
      interruptLeavesConfig: false,
      showsControl: true,
      eofEnds: true,
      hostnameSetting: style.hostname,
      negation: "no",
      comment: "#",
      shows: /^\s*(?:run\s+)?show\s/,
      borrows: /^\s*run\s+(?=\S)/,
      pagesByDefault: true,
      execLead: "",
      execFailure: 1,
      ...style.dialect,
    },
    types: commonTypes,
    modes: { operational, config },
    firstMode: () => "operational",
    execMode: "operational",
    help: {},
    look: { order: lineOrder([]), opens: /^$/, sectionEnd: null, joined: null, separator: "", indent: "" },
    factory: style.factory,
    accepts: acceptsSeed,
    greeting: () => style.greeting,
    showConfig: (_state, root) => statements.braces(root).join("\n"),
  };
}

function statementCommands({ statements, refusesSet, took }: SetLike): readonly Command[] {
  const set = ({ session, args: { statement = "" } }: Call): Answer =>
    statements.set(session.root, statement) === null ? took : refusesSet(statement);
  const remove = ({ session, args: { statement = "" } }: Call): Answer =>
    statements.remove(session.root, statement) === true ? took : refusesSet(statement);
  return [
    { syntax: "set <statement:line>", run: set },
    { syntax: "delete <statement:line>", run: remove },
    { syntax: "show", run: ({ session }) => statements.braces(session.root).join("\n") },
  ];
}
