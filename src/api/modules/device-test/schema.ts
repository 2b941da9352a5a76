import { type Static, Type } from "@sinclair/typebox";
import { shape } from "../../shape.ts";
import { ExecBodySchema } from "../device/schema.ts";

const { driver, connection_args, driver_args, credential } = ExecBodySchema.properties;

export const testShape = shape(
  Type.Object(
    { driver, connection_args, driver_args, credential },
    { $id: "TestRequest", additionalProperties: false },
  ),
);
export type TestFields = Static<typeof testShape.schema>;

function nullable(description: string) {
  return Type.Union([Type.String({ description }), Type.Null()]);
}

export const TestSchema = Type.Object({
  success: Type.Boolean({ description: "It connected, logged in and found the prompt." }),
  connection_time: Type.Union([
    Type.Number({ description: "Seconds from the attempt to the prompt; null when it failed." }),
    Type.Null(),
  ]),
  error_message: nullable("Why it failed."),
  device_info: Type.Object({
    prompt: nullable("As the device shows it, where it has one."),
    device_type: nullable("What `autodetect` has found, or as the request names it."),
    host: Type.String(),
  }),
  timestamp: Type.String(),
  job_id: Type.String({ description: "The job that did it." }),
});
export type TestJson = Static<typeof TestSchema>;
