import { type Static, Type } from "@sinclair/typebox";
import {
  CREDENTIAL_PLACES,
  type CredentialRef,
  isCredentialPath,
  MAX_CREDENTIALS,
  PATH_WORDS,
} from "../../../core/credential.ts";
import type { FieldError } from "../../../core/errors.ts";
import { oneOf } from "../../parameters.ts";

const path = (description: string) =>
  Type.String({ minLength: 1, maxLength: 512, description, expected: PATH_WORDS });

const reference = Type.Object(
  {
    name: Type.Optional(
      oneOf(
        CREDENTIAL_PLACES,
        "Where it is kept: HashiCorp Vault, the store (`netpulse secrets`), files, or the environment of the nodes. Absent: the places of `credentials.chain`, one after another.",
      ),
    ),
    ref: path("What it is called there; in Vault its path below `mount`."),
    mount: Type.Optional(
      path("Vault: where the KV engine (version 2) is. Default `credentials.vault.mount`."),
    ),
    namespace: Type.Optional(
      path("Vault: a namespace; that of `credentials.vault.namespace`, or one below it."),
    ),
    version: Type.Optional(
      Type.Integer({
        minimum: 1,
        description: "Vault: which version. Default: the newest.",
        expected: "an integer of 1 or more",
      }),
    ),
    field_mapping: Type.Optional(
      Type.Record(Type.String(), Type.String({ minLength: 1, maxLength: 128 }), {
        description:
          'Which field is which argument, as `{"username": "user", "password": "pass", "secret": "enable"}`: nothing else is taken then. Default: fields that are called as arguments of the connection are, where the request does not give those.',
        expected: "an object of texts",
      }),
    ),
  },
  { additionalProperties: false, description: "A reference to a credential." },
);
type Reference = Static<typeof reference>;

const one = Type.Union([path("A name; it is looked for where `credentials.chain` says."), reference]);

/** One reference or several: whatever is given first and can be read is taken. */
export const credential = Type.Optional(
  Type.Union([one, Type.Array(one, { minItems: 1, maxItems: MAX_CREDENTIALS })], {
    description:
      "Where the login is kept: a reference, or several of which the first that can be read is taken. Read by the node when the job runs, and never written to it.",
    expected: `a name, an object with a ref, or a list of at most ${MAX_CREDENTIALS} such`,
  }),
);

export type Credential = Static<typeof credential>;

/** In the engine's terms. Only for what fits. */
export function credentialsOf(given: NonNullable<Credential>): CredentialRef[] {
  return (Array.isArray(given) ? given : [given]).map(refOf);
}

function refOf(given: string | Reference): CredentialRef {
  if (typeof given === "string") return { name: null, ref: given };
  const { name = null, field_mapping: fieldMapping, ...rest } = given;
  return { name, ...rest, ...(fieldMapping !== undefined && { fieldMapping }) };
}

/** What the schema cannot say. */
export function credentialErrors(
  given: Credential | undefined,
  root: FieldError["loc"] = ["body", "credential"],
): FieldError[] {
  if (given === undefined) return [];
  const list: unknown = Array.isArray(given) ? given : [given];
  return (list as (string | Reference)[]).flatMap((each, place) => {
    const loc = [...root, ...(Array.isArray(given) ? [place] : [])];
    if (typeof each === "string")
      return isCredentialPath(each) ? [] : [{ loc, msg: `must be ${PATH_WORDS}` }];
    return referenceErrors(each, loc);
  });
}

const OF_VAULT = ["mount", "namespace", "version"] as const;

function referenceErrors(given: Reference, loc: FieldError["loc"]): FieldError[] {
  const wrong = (["ref", "mount", "namespace"] as const).filter((name) => {
    const text = given[name];
    return text !== undefined && !isCredentialPath(text);
  });
  const idle =
    (given.name ?? "vault_kv") === "vault_kv" ? [] : OF_VAULT.filter((name) => given[name] !== undefined);
  return [
    ...wrong.map((name) => ({ loc: [...loc, name], msg: `must be ${PATH_WORDS}` })),
    ...idle.map((name) => ({ loc: [...loc, name], msg: "is of Vault, and means nothing elsewhere" })),
  ];
}
