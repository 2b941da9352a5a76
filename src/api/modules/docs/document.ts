import { swagger } from "@elysiajs/swagger";
import { type AnyElysia, Elysia } from "elysia";
import { ERROR_TYPES } from "../../../core/errors.ts";
import { VERSION } from "../../../observe/version.ts";
import type { DriverInfo } from "../../drivers.ts";
import { toOpenApi } from "../../openapi.ts";
import { execComponents } from "../device/docs.ts";
import { HealthSchema } from "../health/schema.ts";
import { JobSchema } from "../jobs/schema.ts";
import { WorkerSchema } from "../workers/schema.ts";

const DESCRIPTION = `Queue a command or a config for a network device, a worker runs it over SSH, read the result.

Every answer has the envelope \`{"code", "message", "data"}\`: code 200 for a success, -1 for a failure with the
fitting HTTP status. Times are ISO-8601 with offset, durations are seconds.

Error types of a failed job: ${ERROR_TYPES.join(", ")}.`;

const failure = {
  type: "object",
  required: ["code", "message", "data"],
  properties: {
    code: { type: "integer", enum: [-1] },
    message: { type: "string", description: "What is wrong and what to do." },
    data: { nullable: true, description: "Details, where there are any." },
  },
};

const fieldErrors = {
  ...failure,
  properties: {
    ...failure.properties,
    data: {
      type: "array",
      nullable: true,
      items: {
        type: "object",
        required: ["loc", "msg"],
        properties: {
          loc: {
            type: "array",
            items: { anyOf: [{ type: "string" }, { type: "integer" }] },
            example: ["body", "connection_args", "port"],
          },
          msg: { type: "string" },
        },
      },
    },
  },
};

/** The OpenAPI document of the routes of `modules`. The plugin's own page, which loads from elsewhere, is not served. */
export async function openApiDocument(
  modules: readonly AnyElysia[],
  drivers: readonly DriverInfo[],
): Promise<string> {
  const path = "/document";
  const app = new Elysia();
  for (const module of modules) app.use(module);
  app.use(
    swagger({
      provider: "swagger-ui",
      path: "/page",
      specPath: path,
      documentation: {
        info: { title: "NetPulse", version: VERSION, description: DESCRIPTION },
        tags: ["Devices", "Jobs", "Workers", "Health"].map((name) => ({ name })),
        security: [{ ApiKey: [] }, { Bearer: [] }],
        components: {
          securitySchemes: {
            ApiKey: { type: "apiKey", in: "header", name: "X-API-KEY" },
            Bearer: { type: "http", scheme: "bearer" },
          },
          schemas: components(drivers),
        },
      },
    }),
  );
  const response = await app.handle(new Request(`http://localhost${path}`));
  return await response.text();
}

function components(drivers: readonly DriverInfo[]): Record<string, object> {
  return JSON.parse(
    JSON.stringify({
      Job: toOpenApi(JobSchema),
      Worker: toOpenApi(WorkerSchema),
      Health: toOpenApi(HealthSchema),
      Failure: failure,
      FieldErrors: fieldErrors,
      ...execComponents(drivers),
    }),
  );
}
