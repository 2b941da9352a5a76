import type { RenderRequest } from "../../../client/index.ts";
import { EXIT, usage } from "../exit.ts";
import { type OnlineDeps, type OnlineOptions, online, type Work, withOnlineOptions } from "../online.ts";
import { readObject, templateText, variables } from "../template.ts";
import { collect, oneOf } from "../values.ts";

const UNDEFINED = ["strict", "lenient", "chainable"] as const;

const title = {
  name: "netpulse render",
  summary: "Render a template with its variables, as a job would.",
  help: `Examples:
  netpulse render interface.j2 --context core-1.yaml
  netpulse render - --set name=core-1 --set 'vlans=[10, 20]' < vlans.j2
  netpulse render --stored cisco/interface.j2 --context core-1.json | netpulse config 192.0.2.1 --file - -t cisco_ios`,
};

interface RenderOptions extends OnlineOptions {
  stored?: string;
  context?: string;
  set?: string[];
  trimBlocks?: true;
  lstripBlocks?: true;
  keepTrailingNewline?: true;
  undefined?: (typeof UNDEFINED)[number];
}

/** `netpulse render TEMPLATE`. */
export function renderCommand(deps: () => OnlineDeps) {
  return online(title, deps, (command, act) => {
    withOnlineOptions(command)
      .argument("[template]", "a file, - for stdin")
      .option("--stored <name>", "instead: one of the API's template folder, by its path there")
      .option("-c, --context <file>", "its variables, as JSON or YAML, - for stdin")
      .option("--set <name=value>", "one variable, as JSON or text; may be repeated", collect)
      .option("--trim-blocks", "leave out the line end behind a block")
      .option("--lstrip-blocks", "leave out blanks before a block at the beginning of its line")
      .option("--keep-trailing-newline", "keep the template's last line end")
      .option("--undefined <how>", `what is undefined: ${UNDEFINED.join(", ")}`, oneOf(UNDEFINED))
      .allowExcessArguments(false)
      .action((template: string | undefined, options: RenderOptions) =>
        act(options, (work) => render(work, template, options)),
      );
  });
}

async function render(work: Work, file: string | undefined, options: RenderOptions): Promise<number> {
  const { client, screen, terminal } = work;
  if (file === "-" && options.context === "-")
    throw usage("the template and its variables cannot both come by stdin");
  const template = await templateText({ template: file, stored: options.stored }, terminal);
  if (template === undefined) throw usage("give a template, or --stored with its path");
  const request: RenderRequest = {
    name: "jinja2",
    template,
    context: await contextOf(work, options),
    options: optionsOf(options),
  };
  const text = await client.templates.render(request);
  if (screen.format === "people") screen.output(text.replace(/\n?$/, "\n"));
  else if (screen.format === "json") screen.json(text);
  else screen.list([{ text }], [{ name: "text", of: (row) => row.text }], "");
  return EXIT.done;
}

async function contextOf({ terminal }: Work, { context, set }: RenderOptions) {
  const file = context === undefined ? {} : await readObject(context, terminal);
  return { ...file, ...variables(set, "--set") };
}

function optionsOf({ trimBlocks, lstripBlocks, keepTrailingNewline, undefined: undefinedIs }: RenderOptions) {
  return {
    ...(trimBlocks && { trim_blocks: true }),
    ...(lstripBlocks && { lstrip_blocks: true }),
    ...(keepTrailingNewline && { keep_trailing_newline: true }),
    ...(undefinedIs && { undefined: undefinedIs }),
  };
}
