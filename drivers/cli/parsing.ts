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

/** What the arguments ask for, once {@link checkParsing} has found nothing. */
export function parsing(args: ParsingArgs): AskedParsing | null {
  if (args.use_textfsm === true) return { name: "textfsm", template: args.textfsm_template ?? null };
  if (args.use_ttp === true) return { name: "ttp", template: args.ttp_template ?? null };
  return null;
}

export function checkParsing(args: ParsingArgs, kind: Operation["kind"]): FieldError[] {
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

function wrong(name: keyof ParsingArgs, msg: string): FieldError {
  return { loc: ["driver_args", name], msg };
}
