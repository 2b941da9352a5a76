import { type AnyElysia, Elysia } from "elysia";
import { ERROR_TYPES } from "../../../core/errors.ts";
import { VERSION } from "../../../observe/version.ts";
import type { DriverInfo } from "../../drivers.ts";
import { failureWith, toOpenApi } from "../../openapi.ts";
import { AuditEntrySchema } from "../audit/schema.ts";
import { bulkComponents } from "../bulk/docs.ts";
import { StartedSchema, TaskSchema } from "../detached/schema.ts";
import { execComponents } from "../device/docs.ts";
import { testComponents } from "../device-test/docs.ts";
import { HealthSchema } from "../health/schema.ts";
import { HostKeySchema } from "../hostkeys/schema.ts";
import { JobSchema } from "../jobs/schema.ts";
import { OldJobSchema, OldWorkerSchema } from "../plural/schema.ts";
import { DeliverySchema } from "../webhook/schema.ts";
import { WorkerSchema } from "../workers/schema.ts";

const DESCRIPTION = `Queue a command or a config for a network device, a worker runs it over SSH, read the result.

Every answer has the envelope \`{"code", "message", "data"}\`: code 200 for a success, -1 for a failure with the
fitting HTTP status. Successes under deprecated paths, those of NetPulse 0.4, have none. A path that there is not is a 404; a
method that a path has not is a 405, with what it has in \`Allow\`. Parameters and fields that are not known are refused (422).
The header \`X-NetPulse-Scopes: read,exec\` makes a request with no more than these of its key's scopes. Times are ISO-8601
with offset, durations are seconds.

Error types of a failed job: ${ERROR_TYPES.join(", ")}.`;

const failure = failureWith({ nullable: true, description: "Details, where there are any." });

const fieldErrors = failureWith({
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
});

/** The places where the key may stand. */
const securitySchemes = {
  ApiKey: { type: "apiKey", in: "header", name: "X-API-KEY" },
  Bearer: { type: "http", scheme: "bearer" },
  ApiKeyInQuery: { type: "apiKey", in: "query", name: "X-API-KEY" },
  ApiKeyInCookie: { type: "apiKey", in: "cookie", name: "X-API-KEY" },
} as const;

/** No operation answers so: it is what a method without one gets. */
const methodNotAllowed = {
  description: "The path does not have this method.",
  headers: { Allow: { description: "The methods it has.", schema: { type: "string" } } },
  content: { "application/json": { schema: { $ref: "#/components/schemas/Failure" } } },
} as const;

const TAGS = [
  "Devices",
  "Detached tasks",
  "Files",
  "Jobs",
  "Batches",
  "Webhooks",
  "Workers",
  "Templates",
  "Host keys",
  "Keys",
  "Audit",
  "MCP",
  "Health",
];

/** The OpenAPI document of the routes of `modules`. The plugin's own page, which loads from elsewhere, is not served. */
export async function openApiDocument(
  modules: readonly AnyElysia[],
  drivers: readonly DriverInfo[],
): Promise<string> {
  // With all that it brings, it would take a tenth of a server's start.
  const { swagger } = await import("@elysiajs/swagger");
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
        tags: TAGS.map((name) => ({ name })),
        security: Object.keys(securitySchemes).map((name) => ({ [name]: [] })),
        components: {
          securitySchemes,
          responses: { MethodNotAllowed: methodNotAllowed },
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
      DetachedJob: toOpenApi(StartedSchema),
      Worker: toOpenApi(WorkerSchema),
      JobOf04: toOpenApi(OldJobSchema),
      WorkerOf04: toOpenApi(OldWorkerSchema),
      DetachedTask: toOpenApi(TaskSchema),
      Delivery: toOpenApi(DeliverySchema),
      HostKey: toOpenApi(HostKeySchema),
      AuditEntry: toOpenApi(AuditEntrySchema),
      Health: toOpenApi(HealthSchema),
      Failure: failure,
      FieldErrors: fieldErrors,
      ...execComponents(drivers),
      ...testComponents(drivers),
      ...bulkComponents(),
    }),
  );
}
