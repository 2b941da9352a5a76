/** Where the login of a job is kept, to be read when it runs. What is there never becomes a part of the job. */
export interface CredentialRef {
  /** Which kind of place; null: those of `credentials.chain`, in order. */
  name: string | null;
  /** What it is called there: a path of names. */
  ref: string;
  /** Vault: where the engine is mounted; absent: as configured. */
  mount?: string;
  /** Vault: below the configured one; absent: that itself. */
  namespace?: string;
  /** Vault: absent: the newest. */
  version?: number;
  /** What becomes which argument, by the argument's name. Absent: each field is the argument of its own name. */
  fieldMapping?: Record<string, string>;
}

/** Where the logins of jump hosts are kept, by their places; null: among the arguments. */
export type HopCredentials = readonly (readonly CredentialRef[] | null)[];

/** A login as it is kept: fields and their values. */
export type CredentialFields = Readonly<Record<string, string>>;

export const CREDENTIAL_PLACES = ["vault_kv", "store", "file", "env"] as const;
export type CredentialPlace = (typeof CREDENTIAL_PLACES)[number];

/** References of one job at most. */
export const MAX_CREDENTIALS = 5;

/** Names with slashes between them, none of them `.` or `..`: safe as a part of a URL and of a file's path. */
const PATH = /^(?!\.{1,2}(?:\/|$))[\w@+~.-]{1,128}(?:\/(?!\.{1,2}(?:\/|$))[\w@+~.-]{1,128}){0,15}$/;
export const PATH_WORDS = "names of letters, digits and any of _ @ + ~ . - with slashes between them";

export function isCredentialPath(text: string): boolean {
  return PATH.test(text);
}

/** As it is named in errors. */
export function describeCredential({ name, ref, mount, namespace, version }: CredentialRef): string {
  const place = name === null ? "" : `${name}:`;
  const path = [namespace, mount, ref].filter((part) => part !== undefined).join("/");
  return `${place}${path}${version === undefined ? "" : `, version ${version}`}`;
}
