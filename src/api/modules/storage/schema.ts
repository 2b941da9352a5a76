import { type Static, Type } from "@sinclair/typebox";
import { shape } from "../../shape.ts";

export const uploadQuery = shape(
  Type.Object(
    {
      name: Type.Optional(
        Type.String({
          minLength: 1,
          maxLength: 255,
          description: "Name of the file. Default: as the form has it, else `file`.",
          examples: ["motd.txt"],
          expected: "1 to 255 characters",
        }),
      ),
    },
    { additionalProperties: false },
  ),
);

export const StoredFileSchema = Type.Object({
  id: Type.String({ description: "For `GET` and `DELETE /storage/{id}`." }),
  path: Type.String({ description: "For `local_path` of a file transfer." }),
  size: Type.Integer({ description: "Bytes." }),
  sha256: Type.String(),
  created_at: Type.String(),
  expires_at: Type.Union([Type.String({ description: "Null: it is kept for ever." }), Type.Null()]),
});
export type StoredFileJson = Static<typeof StoredFileSchema>;
