declare module "bcrypt-pbkdf" {
  /** One bcrypt hash of SHA-512 digests into 32 bytes of `output`. */
  export function hash(password: Uint8Array, salt: Uint8Array, output: Uint8Array): void;
}
