/** How an unencrypted key in OpenSSH's own format is written. */
export const MAGIC = Buffer.from("openssh-key-v1\0");

/** `publicPart`: key count and public keys, as they stand in a file. `clear`: what else is encrypted. */
export function armour(publicPart: Buffer, clear: Buffer): string {
  const text = (value: string) => prefixed(Buffer.from(value));
  const data = Buffer.concat([MAGIC, text("none"), text("none"), text(""), publicPart, prefixed(clear)]);
  const lines = data.toString("base64").match(/.{1,70}/g) ?? [];
  return `-----BEGIN OPENSSH PRIVATE KEY-----\n${lines.join("\n")}\n-----END OPENSSH PRIVATE KEY-----\n`;
}

export function prefixed(bytes: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}
