import { type Static, Type } from "../../src/device/driver.ts";
import { SECRET_ASKED } from "./engine/manner.ts";
import { idleArgs, refusedArgs } from "./netmiko/schema.ts";
import { parsingArgs } from "./parsing.ts";

const MAX_ANSWERS = 32;
export const MAX_READ_SECONDS = 86_400;

const answer = Type.Object(
  {
    question: Type.String({
      minLength: 1,
      maxLength: 256,
      description: "Part of what stands on the line at which the device waits, in any case; no pattern.",
    }),
    answer: Type.String({
      maxLength: 1024,
      secret: true,
      description:
        "What to type there, once. Empty: Enter alone. Hidden wherever it is shown when the question asks for a password, passphrase, secret, PIN, token or key.",
    }),
  },
  {
    additionalProperties: false,
    secretWhere: { field: "question", says: SECRET_ASKED },
    description: "One question.",
  },
);

/** How one line is typed and read: for a job as a whole, or beside one command. */
export const lineArgs = {
  read_timeout: Type.Optional(
    Type.Number({
      minimum: 0,
      maximum: MAX_READ_SECONDS,
      description:
        "Seconds without a byte from the device before the wait for its prompt is given up; 0 for a day. Default 60.",
    }),
  ),
  expect_string: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 1024,
      description:
        "A regex of Python: a command ends where its output matches, prompt or not. The prompt without a match before it fails the command.",
    }),
  ),
  answers: Type.Optional(
    Type.Array(answer, {
      maxItems: MAX_ANSWERS,
      description:
        "What to answer to questions that a line leads to: `[confirm]`, passwords, menus. Of several that fit, the first that is left is given.",
    }),
  ),
  strip_prompt: Type.Optional(
    Type.Boolean({ description: "Whether the output leaves out the prompt behind it. Default true." }),
  ),
  strip_command: Type.Optional(
    Type.Boolean({ description: "Whether the output leaves out the line that was typed. Default true." }),
  ),
  cmd_verify: Type.Optional(
    Type.Boolean({
      description:
        "Whether a prompt before the device has repeated what was typed is doubted, for half a second. Default true.",
    }),
  ),
};

/** What may stand beside a command. */
export const commandArgs = Type.Object(
  {
    ...lineArgs,
    ...parsingArgs,
    stop_after: Type.Optional(
      Type.Number({
        exclusiveMinimum: 0,
        maximum: 86_400,
        description:
          "For what does not end by itself (`ping`, `monitor`): seconds after which it is interrupted. What it printed is its output.",
      }),
    ),
    expect_close: Type.Optional(
      Type.Boolean({
        description:
          "For what ends the session (`reload`): it has done its work when the device closes the connection, and failed when it asks for the next line. Of the last command only.",
      }),
    ),
    ...idleArgs("driver_args"),
  },
  { additionalProperties: false, refused: refusedArgs("driver_args") },
);
export type CliCommandArgs = Static<typeof commandArgs>;
export type Answer = Static<typeof answer>;
