import type { ConfigLook } from "../../cli/config-tree.ts";
import { copyConfig, sectionLines } from "../../cli/config-tree.ts";
import { type Call, type Command, type Handler, silently } from "../../cli/model.ts";

/** Lines that stand side by side. */
export const several = { slot: "line" } as const;

/** `exit` and `end` of a configuration mode. */
export function leaving(parent: string, exec = "privileged"): readonly Command[] {
  return [
    { syntax: "exit", run: silently(({ session }) => session.enter(parent)) },
    { syntax: "end", run: silently(({ session }) => session.enter(exec)) },
  ];
}

export const leavingSession: readonly Command[] = ["exit", "quit", "logout"].map((syntax) => ({
  syntax,
  run: silently(({ session }: Call) => session.leave()),
}));

/** `terminal length` and `terminal width`, and what they answer. */
export function terminalSize(said: {
  length: (lines: string) => string | null;
  width: (columns: string) => string | null;
}): readonly Command[] {
  return [
    {
      syntax: "terminal length <lines:int 0-511>",
      run: ({ session, args: { lines = "0" } }) => {
        session.pageLength = Number(lines);
        return said.length(lines);
      },
    },
    {
      syntax: "terminal width <columns:int 0-32767>",
      run: ({ session, args: { columns = "0" } }) => {
        session.width = Number(columns);
        return said.width(columns);
      },
    },
  ];
}

export const silentTerminal = terminalSize({ length: () => null, width: () => null });

/** Makes the running configuration the one at the next start, and says so. */
export function saving(said: string): Handler {
  return ({ session, state }) => {
    state.startup = copyConfig(state.running);
    state.saved = { at: state.chassis.clock.now(), by: session.user };
    return said;
  };
}

/** One section of the running configuration. */
export function showingSection(look: ConfigLook, missing: string): Handler {
  return ({ session, args }) => {
    const section = session.root.children.find(({ text }) => text === `interface ${args.interface}`);
    return section === undefined ? missing : sectionLines(section, look).join("\n");
  };
}
