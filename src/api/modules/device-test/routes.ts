import { Elysia } from "elysia";
import type { Clock } from "../../../core/clock.ts";
import { detectedIn } from "../../../core/detected.ts";
import type { FieldError } from "../../../core/errors.ts";
import type { Engine, JobView, TestRequest } from "../../../engine/engine.ts";
import type { Authenticator } from "../../auth.ts";
import type { JsonReader } from "../../body.ts";
import { type ForCaller, forCaller } from "../../caller-engine.ts";
import { inBody, invalidFields } from "../../http-error.ts";
import { noQuery, readQuery } from "../../query.ts";
import { reply } from "../../reply.ts";
import { seconds, type TimeFormat } from "../../time.ts";
import { credentialErrors, credentialsOf } from "../device/credential.ts";
import { isObject, withoutNullArgs, withoutNulls } from "../device/exec-body.ts";
import { apartFromHops, hopCredentialErrors } from "../device/hop-credentials.ts";
import { rewriteNetpulse } from "../device/netpulse-request.ts";
import { testDocs } from "./docs.ts";
import { type TestJson, testShape } from "./schema.ts";

export interface DeviceTestDeps {
  engine: Engine;
  auth: Authenticator;
  time: TimeFormat;
  clock: Clock;
  readJson: JsonReader;
  /** Aborts when the API stops. */
  stopping: AbortSignal;
}

export function deviceTestRoutes(deps: ForCaller<DeviceTestDeps>) {
  return new Elysia({ name: "device-test" })
    .post("/device/test", ({ request }) => test(forCaller(deps, request), request), {
      parse: "none",
      detail: testDocs("testDevice"),
    })
    .post("/device/test-connection", ({ request }) => test(forCaller(deps, request), request), {
      parse: "none",
      detail: testDocs("testDeviceConnection"),
    });
}

/** 200 whether the device could be reached or not: the test was made. */
async function test(deps: DeviceTestDeps, request: Request): Promise<Response> {
  readQuery(request.url, noQuery);
  const { engine, auth, stopping } = deps;
  const wanted = readTest(engine, await deps.readJson(request));
  const signal = AbortSignal.any([request.signal, stopping]);
  const view = await engine.test(wanted, auth.callerOf(request), signal);
  return reply(presentTest(deps, wanted, view));
}

/** Fields and arguments that are null count as absent. */
function readTest(engine: Engine, body: unknown): TestRequest {
  if (!isObject(body)) throw invalidFields([{ loc: ["body"], msg: "must be an object" }]);
  const { body: here, errors: foreign } = rewriteNetpulse(withoutNullArgs(body));
  const fields = withoutNulls(here);
  const errors: FieldError[] = [...foreign, ...testShape.errors(fields, "body"), ...prototypes(fields)];
  if (testShape.fits(fields)) errors.push(...credentialErrors(fields.credential));
  errors.push(...hopCredentialErrors(fields.connection_args));
  if (errors.length > 0 || !testShape.fits(fields)) throw invalidFields(errors);
  const { driver, connection_args: connectionArgs, driver_args: driverArgs = {} } = fields;
  const request: TestRequest = { driver, ...apartFromHops(connectionArgs), driverArgs };
  if (fields.credential !== undefined) request.credentials = credentialsOf(fields.credential);
  const wrong = engine.check({ ...request, operation: { kind: "connect" } });
  if (wrong.length > 0) throw invalidFields(wrong.map(inBody));
  return request;
}

/** A key that other code may take for an object's prototype. */
function prototypes(fields: Record<string, unknown>): FieldError[] {
  return Object.entries(fields)
    .filter(([, value]) => isObject(value) && Object.hasOwn(value, "__proto__"))
    .map(([name]) => ({ loc: ["body", name, "__proto__"], msg: "unknown field" }));
}

function presentTest(
  { time, clock }: DeviceTestDeps,
  request: TestRequest,
  { job, outputs, waiting }: JobView,
): TestJson {
  const success = job.status === "finished";
  const [connected] = outputs ?? [];
  const deviceType = detectedIn(connected?.stderr ?? "") ?? request.connectionArgs.device_type;
  return {
    success,
    connection_time: success && connected?.durationMs != null ? seconds(connected.durationMs) : null,
    error_message: success ? null : failureOf(job, waiting?.message),
    device_info: {
      prompt: success ? connected?.stdout || null : null,
      device_type: typeof deviceType === "string" ? deviceType : null,
      host: job.host,
    },
    timestamp: time.format(clock.now()),
    job_id: job.id,
  };
}

function failureOf({ status, result }: JobView["job"], waiting: string | undefined): string {
  if (result?.error) return `${result.error.type}: ${result.error.message}`;
  if (status === "started") return "the device did not answer within job.test_timeout";
  return `no node took it within job.test_timeout${waiting === undefined ? "" : `: ${waiting}`}`;
}
