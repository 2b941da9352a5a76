import { addressArgs, portArg } from "../../src/device/address-args.ts";
import { type Static, Type } from "../../src/device/driver.ts";
import { sshArgs } from "../../src/device/ssh-args.ts";

export const DEFAULT_PORT = 22;

export const connectionArgs = Type.Object(
  { ...addressArgs, port: portArg(DEFAULT_PORT), ...sshArgs },
  { additionalProperties: false },
);

const DAY = 86_400;
const MiB = 1024 * 1024;

/** What `TextDecoder` knows beside UTF-8, of what hosts still print. */
export const ENCODINGS = [
  "utf-8",
  "latin1",
  "iso-8859-15",
  "windows-1251",
  "windows-1252",
  "koi8-r",
  "gbk",
  "gb18030",
  "big5",
  "shift_jis",
  "euc-jp",
  "euc-kr",
] as const;

const flag = (description: string) => Type.Optional(Type.Boolean({ description }));

const seconds = (description: string) =>
  Type.Optional(Type.Number({ exclusiveMinimum: 0, maximum: DAY, description }));

const sudoArgs = {
  sudo: flag("Run the commands by sudo. Default false."),
  sudo_password: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 1024,
      secret: true,
      description: "What sudo is told when it asks. It goes over standard input, and only when sudo asks.",
    }),
  ),
  sudo_user: Type.Optional(
    Type.String({
      pattern: "^[A-Za-z_][A-Za-z0-9_.-]{0,63}$",
      description: "Whom sudo runs the commands as. Default: root.",
      expected: "the name of a user",
    }),
  ),
};

const inputArgs = {
  script_content: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: MiB,
      description:
        "A script: goes to the standard input of the one `command`, or of `script_interpreter` where `command` is left out.",
    }),
  ),
  script_interpreter: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 256,
      description: "What reads `script_content`, where there is no `command`. Default `bash`.",
    }),
  ),
  expect_map: Type.Optional(
    Type.Record(Type.String(), Type.String({ maxLength: 1024, secret: true }), {
      description:
        "What a command may ask, and what to answer: parts of its output as they are printed, no patterns. A line end is added to the answer. Programs that ask on their terminal need `get_pty`.",
    }),
  ),
};

const detachArgs = {
  detach: flag(
    "Start the one command as a detached task: the job ends at once with its id, and the command goes on. Default false.",
  ),
  detached_task: Type.Optional(
    Type.Object(
      {
        action: Type.Union(
          [
            Type.Literal("output"),
            Type.Literal("list"),
            Type.Literal("kill"),
            Type.Literal("remove"),
            Type.Literal("delete"),
          ],
          {
            description:
              "What to do. `list` is about all tasks of the user, the others about one; `delete` is `kill` and `remove`.",
          },
        ),
        id: Type.Optional(
          Type.String({
            pattern: "^task_[0-9a-z]{16,40}$",
            description: "The task, as its start or a list named it.",
            expected: "the id of a task",
          }),
        ),
        offset: Type.Optional(
          Type.Integer({
            minimum: 0,
            maximum: Number.MAX_SAFE_INTEGER,
            description: "Where in its output to begin, bytes: `next_offset` of the look before. Default 0.",
          }),
        ),
        max_bytes: Type.Optional(
          Type.Integer({
            minimum: 1,
            maximum: 16 * MiB,
            description: "How much of its output to return at most. Default 256 KiB.",
          }),
        ),
      },
      {
        additionalProperties: false,
        description: "Something to do with detached tasks; stands in the place of a command.",
      },
    ),
  ),
};

export const driverArgs = Type.Object(
  {
    ...sudoArgs,
    ...inputArgs,
    ...detachArgs,
    working_directory: Type.Optional(
      Type.String({ minLength: 1, maxLength: 4096, description: "Folder that the commands run in." }),
    ),
    environment: Type.Optional(
      Type.Record(Type.String(), Type.String({ maxLength: 4096, secret: true }), {
        description:
          "Variables that are set for the commands. They go over standard input, and do not stand in a list of processes.",
      }),
    ),
    get_pty: flag("Give commands a terminal. Their errors come among their output then. Default false."),
    encoding: Type.Optional(
      Type.Union(
        ENCODINGS.map((name) => Type.Literal(name)),
        { default: "utf-8", description: "Encoding of the output. What is not in it becomes �." },
      ),
    ),
    stop_on_error: flag(
      "Leave out the commands after one that failed. Default true. Without it all are run; the job fails all the same.",
    ),
    timeout: seconds(
      "Seconds that each command may take. The job ends with the first that takes longer. Default: none, the job's own limit counts.",
    ),
    read_timeout: seconds(
      "Seconds without output before a command is given up. Default: none, the job's own limit counts.",
    ),
  },
  { additionalProperties: false },
);
export type LinuxDriverArgs = Static<typeof driverArgs>;
