import type { DocumentDecoration } from "elysia";
import { PARSERS, RENDERERS } from "../../../template/templates.ts";
import { operation } from "../../openapi.ts";
import { parseShape, renderShape } from "./schema.ts";

const interfaceTemplate = `interface {{ name }}
 description {{ description|default("not described") }}
 ip address {{ ip|ipaddr("address") }} {{ ip|ipaddr("netmask") }}`;

const renderExamples = {
  interface: {
    summary: "The configuration of an interface",
    value: {
      name: "jinja2",
      template: interfaceTemplate,
      context: { name: "GigabitEthernet0/1", ip: "192.0.2.1/24" },
    },
  },
  file: {
    summary: "A template of the template folder, as Ansible would render it",
    value: {
      name: "jinja2",
      template: "cisco/interface.j2",
      context: { interfaces: [{ name: "GigabitEthernet0/1", vlan: 10 }] },
      options: { trim_blocks: true },
    },
  },
};

const parseExamples = {
  textfsm: {
    summary: "TextFSM with a template of the request's own",
    value: {
      name: "textfsm",
      template: "Value INTERFACE (\\S+)\nValue STATE (up|down)\n\nStart\n  ^$INTERFACE is $STATE -> Record\n",
      context: "Ethernet1 is up\nEthernet2 is down\n",
    },
  },
  ntc: {
    summary: "TextFSM by platform and command, with ntc-templates as the template folder",
    value: {
      name: "textfsm",
      platform: "cisco_ios",
      command: "show version",
      context: "Cisco IOS Software, Version 15.2(4)S7...",
    },
  },
  ttp: {
    summary: "TTP",
    value: {
      name: "ttp",
      template: "interface {{ interface }}\n description {{ description | ORPHRASE }}",
      context: "interface Ethernet1\n description to core-2\n",
    },
  },
  regex: {
    summary: "A regex with named groups",
    value: {
      name: "regex",
      template: "^(?P<port>Et\\d+) +(?P<state>up|down)",
      context: "Et1 up\nEt2 down\n",
    },
  },
};

const LIMITS =
  "It is done in a process of its own, which `templates.timeout`, `templates.max_memory` and `templates.max_output` bound; a template that asks for more is answered with 422. docs/templates.md tells what templates can do.";

/** 429 beside the usual ones: too many of the same key wait. */
const failures = [408, 413, 415, 422, 429] as const;

/** `named`: by a path that names what works on it. */
function missing(what: string, names: readonly string[], noFile: string, named: boolean) {
  const message = named ? `there is no such ${what}; there are ${names.join(", ")}` : noFile;
  return {
    status: 404,
    description: "There is no such template in the folder, or no such path.",
    example: { message },
  };
}

const NO_FILE = "the template cisco/none.j2 is not in the template folder";

export function renderDocs(id: string, named = false): DocumentDecoration {
  return operation({
    id,
    tag: "Templates",
    scope: ["read", "exec", "config"],
    summary: "Render a template",
    description: LIMITS,
    ...(named && {
      path: { name: { description: `The renderer: ${RENDERERS.join(", ")}.`, example: "jinja2" } },
    }),
    body: { schema: renderShape.schema, examples: renderExamples },
    success: {
      status: 200,
      description: "The text.",
      data: { type: "string" },
      example: {
        code: 200,
        message: "success",
        data: "interface GigabitEthernet0/1\n description not described\n ip address 192.0.2.1 255.255.255.0",
      },
    },
    failures: [missing("renderer", RENDERERS, `cisco/none.j2: ${NO_FILE}`, named), ...failures],
  });
}

export function parseDocs(id: string, named = false): DocumentDecoration {
  return operation({
    id,
    tag: "Templates",
    scope: ["read", "exec", "config"],
    summary: "Parse what a device printed",
    description: LIMITS,
    ...(named && {
      path: { name: { description: `The parser: ${PARSERS.join(", ")}.`, example: "textfsm" } },
    }),
    body: { schema: parseShape.schema, examples: parseExamples },
    success: {
      status: 200,
      description: "The records; with `ttp` whatever its template says.",
      data: { nullable: true, description: "A list of objects, with `textfsm` and `regex`." },
      example: {
        code: 200,
        message: "success",
        data: [
          { INTERFACE: "Ethernet1", STATE: "up" },
          { INTERFACE: "Ethernet2", STATE: "down" },
        ],
      },
    },
    failures: [missing("parser", PARSERS, NO_FILE, named), ...failures],
  });
}
