import {
  type AskedParsing,
  type FieldError,
  type Operation,
  type Static,
  Type,
} from "../../src/device/driver.ts";

const template = (description: string) => Type.Optional(Type.String({ minLength: 1, description }));

/** Netmiko's arguments about structured output; the service parses, not the driver. */
export const parsingArgs = {
  use_textfsm: Type.Optional(
    Type.Boolean({
      description:
        "Parse what each command prints by TextFSM: by `textfsm_template`, or by platform and command through the index of the template folder. The request's `parsing` goes before. Default false.",
    }),
  ),
  textfsm_template: template("A file of the template folder, or the template itself; with `use_textfsm`."),
  use_ttp: Type.Optional(
    Type.Boolean({
      description: "Parse what each command prints by TTP, by `ttp_template`. Default false.",
    }),
  ),
  ttp_template: template("A file of the template folder, or the template itself; with `use_ttp`."),
};

type ParsingArgs = { [Name in keyof typeof parsingArgs]?: Static<(typeof parsingArgs)[Name]> };

const NAMES = ["use_textfsm", "textfsm_template", "use_ttp", "ttp_template"] as const;

/** What the arguments ask for, once {@link checkParsing} has found nothing; those beside a command count more. */
export function parsing(args: ParsingArgs, own?: ParsingArgs): AskedParsing | null | undefined {
  if (NAMES.every((name) => (own ?? args)[name] === undefined)) return undefined;
  return asked(own === undefined ? args : withOwn(args, own));
}

/** The one parser that is chosen beside a command takes the place of the other. */
function withOwn(args: ParsingArgs, own: ParsingArgs): ParsingArgs {
  const { use_textfsm, textfsm_template, use_ttp, ttp_template, ...others } = args;
  const [byTextfsm, byTtp] = [own.use_ttp !== true, own.use_textfsm !== true];
  return {
    ...others,
    ...(byTextfsm && use_textfsm !== undefined && { use_textfsm }),
    ...(byTextfsm && textfsm_template !== undefined && { textfsm_template }),
    ...(byTtp && use_ttp !== undefined && { use_ttp }),
    ...(byTtp && ttp_template !== undefined && { ttp_template }),
    ...own,
  };
}

function asked(args: ParsingArgs): AskedParsing | null {
  if (args.use_textfsm === true) return { name: "textfsm", template: args.textfsm_template ?? null };
  if (args.use_ttp === true) return { name: "ttp", template: args.ttp_template ?? null };
  return null;
}

/** The same for those beside a command. */
export function checkOwnParsing(loc: FieldError["loc"], args: ParsingArgs, own: ParsingArgs): FieldError[] {
  if (NAMES.every((name) => own[name] === undefined)) return [];
  return checkParsing(withOwn(args, own), "command", loc);
}

export function checkParsing(
  args: ParsingArgs,
  kind: Operation["kind"],
  loc: FieldError["loc"] = ["driver_args"],
): FieldError[] {
  const wrong = (name: keyof ParsingArgs, msg: string): FieldError => ({ loc: [...loc, name], msg });
  const wanted = (["use_textfsm", "use_ttp"] as const).filter((name) => args[name] === true);
  const without = (name: keyof ParsingArgs, use: keyof ParsingArgs) =>
    args[name] !== undefined && args[use] !== true ? [wrong(name, `needs ${use}`)] : [];
  return [
    ...(kind === "command" ? [] : wanted.map((name) => wrong(name, "applies to command only"))),
    ...(wanted.length > 1 ? [wrong("use_ttp", "cannot go with use_textfsm: choose one")] : []),
    ...(args.use_ttp === true && args.ttp_template === undefined
      ? [wrong("ttp_template", "is required with use_ttp")]
      : []),
    ...without("textfsm_template", "use_textfsm"),
    ...without("ttp_template", "use_ttp"),
  ];
}
