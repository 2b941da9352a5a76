import { Type } from "@sinclair/typebox";
import { oneOf } from "../../parameters.ts";

const MAX_TRANSFERS = 100;

const transfer = Type.Object(
  {
    operation: oneOf(["upload", "download"], "`upload` goes to the device, `download` comes from it."),
    local_path: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 512,
        description:
          "File or folder in the storage folder, as `POST /storage` has named it. A download that has none gets a place of its own.",
        expected: "a path of 1 to 512 characters",
      }),
    ),
    remote_path: Type.String({
      minLength: 1,
      maxLength: 4096,
      description: "File or folder on the device; relative to the home folder, as a rule.",
      expected: "a path of 1 to 4096 characters",
    }),
    recursive: Type.Optional(
      Type.Boolean({
        default: false,
        description: "A folder, with all files and folders in it; links are left out.",
        expected: "true or false",
      }),
    ),
    chmod: Type.Optional(
      Type.String({
        pattern: "^0?[0-7]{3}$",
        description: "Permissions of what is uploaded, octal. Default: those that it had, else 644.",
        expected: "three octal digits, as text",
      }),
    ),
    resume: Type.Optional(
      Type.Boolean({
        default: false,
        description: "Go on where an earlier attempt broke off, when what it has left is the same.",
        expected: "true or false",
      }),
    ),
    sync_mode: Type.Optional(
      oneOf(
        ["full", "hash"],
        "`hash`: what has the same SHA-256 is left alone, and what was brought is verified. Default `full`.",
      ),
    ),
    verify_file: Type.Optional(
      Type.Boolean({
        default: false,
        description: "Compare the SHA-256 of what was brought, as `sync_mode: hash` does too.",
        expected: "true or false",
      }),
    ),
    overwrite: Type.Optional(
      Type.Boolean({
        default: true,
        description: "Replace a file that is there; else such a one ends the job.",
        expected: "true or false",
      }),
    ),
    chunk_size: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 1 << 30,
        description: "Taken, and of no effect: each request over SFTP has 32 KiB.",
        expected: "a whole number of bytes",
      }),
    ),
  },
  { additionalProperties: false, expected: "an object" },
);

/** One transfer, or several one after another. */
export const fileTransfers = Type.Optional(
  Type.Union([transfer, Type.Array(transfer, { minItems: 1, maxItems: MAX_TRANSFERS })], {
    description:
      "Files to bring to the device or from it. Exactly one of `command`, `config` and `file_transfer`.",
    expected: `a transfer, or a list of 1 to ${MAX_TRANSFERS}`,
  }),
);
