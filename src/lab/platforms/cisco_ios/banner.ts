import { putLine, removeLines } from "../../cli/config-tree.ts";
import type { Answer, Call } from "../../cli/model.ts";
import { CONFIG_ORDER } from "./factory.ts";

const MAX_BANNER = 64 * 1024;

/** The first character of the text is the delimiter; without a second one, lines follow up to it. */
export async function banner({ session, state, args, line }: Call): Promise<Answer> {
  const given = args.text ?? "";
  const mark = given.startsWith("^C") ? "^C" : (given[0] ?? "");
  const kind = line.split(" ")[1] ?? "motd";
  let text = given.slice(mark.length);
  if (!text.includes(mark)) session.write(`Enter TEXT message.  End with the character '${mark}'.\n`);
  while (!text.includes(mark)) {
    const next = await session.ask("");
    if (next === null || text.length > MAX_BANNER) return null;
    text += `\n${next}`;
  }
  removeLines(state.running, `banner ${kind}`);
  const kept = `banner ${kind} ^C${text.slice(0, text.indexOf(mark))}^C`;
  putLine(state.running, kept, `banner ${kind}`, CONFIG_ORDER);
  state.changed = { at: state.chassis.clock.now(), by: session.user };
  return null;
}
