import { type Static, Type } from "@sinclair/typebox";
import { cursorParameter, limitParameter, textParameter as text } from "../../parameters.ts";
import { shape } from "../../shape.ts";

const site = text("Site of the device. Left out where it has none.", "branch-7");
const port = (description: string) =>
  Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 65_535,
      description,
      examples: [22],
      expected: "an integer from 1 to 65535",
    }),
  );

export const listQuery = shape(
  Type.Object(
    {
      host: text("Host of the device.", "192.0.2.1"),
      port: port("Its port."),
      site: text("Site of the devices.", "branch-7"),
      limit: limitParameter,
      cursor: cursorParameter,
    },
    { additionalProperties: false },
  ),
);

/** Names one device, or nothing: it must not forget more than was meant. */
export const forgetQuery = shape(
  Type.Object(
    {
      host: Type.String({
        minLength: 1,
        maxLength: 512,
        description: "Host of the device.",
        examples: ["192.0.2.1"],
        expected: "1 to 512 characters",
      }),
      port: port("Its port. Default 22."),
      site,
    },
    { additionalProperties: false },
  ),
);

export type ListQuery = Static<typeof listQuery.schema>;
export type ForgetQuery = Static<typeof forgetQuery.schema>;

const address = {
  site: Type.Union([Type.String({ description: "Null: it has none." }), Type.Null()]),
  host: Type.String(),
  port: Type.Integer(),
};

export const HostAddressSchema = Type.Object(address);
export type HostAddressJson = Static<typeof HostAddressSchema>;

/** A known host key as the API shows it. */
export const HostKeySchema = Type.Object(
  {
    ...address,
    algorithm: Type.String(),
    fingerprint: Type.String({ description: "As OpenSSH prints it." }),
    first_seen: Type.String({ description: "When it was taken as the device's." }),
  },
  { $id: "HostKey" },
);
export type HostKeyJson = Static<typeof HostKeySchema>;
