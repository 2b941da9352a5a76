import { operation } from "../../openapi.ts";
import { pageOf } from "../../page-docs.ts";
import { forgetQuery, HostAddressSchema, listQuery } from "./schema.ts";

const example = {
  site: null,
  host: "192.0.2.1",
  port: 22,
  algorithm: "ssh-ed25519",
  fingerprint: "SHA256:uNiVztksCsDhcc0u9e8BrYCnXGSyKuQ3zRLHRX/zVvs",
  first_seen: "2024-01-01T12:00:00.000+08:00",
};

export const listDocs = operation({
  id: "getHostKeys",
  tag: "Host keys",
  scope: ["read"],
  summary: "List known SSH host keys",
  description:
    "Of devices and jump hosts, those without a site first. `host`, `port` and `site` narrow together.",
  query: listQuery.schema,
  success: pageOf("HostKey", { description: "The known keys.", example: example }),
  failures: [422, 503],
});

export const forgetDocs = operation({
  id: "forgetHostKey",
  tag: "Host keys",
  scope: ["admin"],
  summary: "Forget a device's SSH host key",
  description:
    "For a device that was replaced. Under `accept-new` its next key is taken as its first; under `strict` it is not connected to until a node with `accept-new` has seen it.",
  query: forgetQuery.schema,
  success: {
    status: 200,
    description: "Whose key was forgotten.",
    data: HostAddressSchema,
    example: { code: 200, message: "success", data: { site: null, host: "192.0.2.1", port: 22 } },
  },
  failures: [
    {
      status: 404,
      description: "No key of this device is known.",
      example: { message: "no host key of this device is known; see GET /hostkeys" },
    },
    422,
    503,
  ],
});
