import type { DocumentDecoration } from "elysia";
import type { DriverInfo } from "../../drivers.ts";
import { operation, ref, toOpenApi } from "../../openapi.ts";
import { ofDrivers, routerLogin } from "../device/docs.ts";
import { jobExample } from "../jobs/docs.ts";
import { TestSchema, testShape } from "./schema.ts";

const examples = {
  router: {
    summary: "A Cisco router",
    value: { driver: "netmiko", connection_args: routerLogin },
  },
};

/** The documentation of the route under its two names. */
export function testDocs(id: string): DocumentDecoration {
  return operation({
    id,
    tag: "Devices",
    scope: ["exec", "config"],
    summary: "Connect to a device, log in, and say how it went",
    description:
      "Waits for the end, at most `job.test_timeout`. A job of its own that does nothing else: it goes through nodes, host keys, breakers and places like those to come, logs in anew whatever session is kept, and comes before what waits in `FifoQ`. A client that goes away cancels it. The answer is 200 whether or not the device could be reached.",
    body: { schema: ref("TestRequest"), examples },
    success: {
      status: 200,
      description: "How it went.",
      data: toOpenApi(TestSchema) as object,
      example: {
        code: 200,
        message: "success",
        data: {
          success: true,
          connection_time: 0.412,
          error_message: null,
          device_info: { prompt: "core-1#", device_type: "cisco_ios", host: "192.0.2.1" },
          timestamp: "2024-01-01T12:00:00.123+08:00",
          job_id: jobExample.id,
        },
      },
    },
    failures: [408, 413, 415, 422, 503],
  });
}

export function testComponents(drivers: readonly DriverInfo[]): Record<string, unknown> {
  const body = toOpenApi(testShape.schema) as { properties: Record<string, object> };
  return { TestRequest: { ...body, properties: ofDrivers(body.properties, drivers) } };
}
