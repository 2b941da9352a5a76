import { TemplateError } from "../core/errors.ts";
import { openTemplateFolder, type TemplateFolder } from "../template/folder.ts";
import { JinjaRenderer } from "../template/jinja/jinja-renderer.ts";
import type { Parsed } from "../template/parser.ts";
import { RegexParser } from "../template/regex-parser.ts";
import type { ParseWork } from "../template/templates.ts";
import { TextFsmParser } from "../template/textfsm/textfsm-parser.ts";
import { TtpParser } from "../template/ttp/ttp-parser.ts";
import type { HostSettings, Work } from "./messages.ts";

interface Tools {
  jinja2: JinjaRenderer;
  textfsm: TextFsmParser;
  ttp: TtpParser;
  regex: RegexParser;
}

/** Every renderer and parser over one template folder. */
export class Workshop {
  readonly #settings: HostSettings;
  #tools: Tools | null = null;

  constructor(settings: HostSettings) {
    this.#settings = settings;
  }

  /** The text that is rendered, or the records as JSON. */
  do(work: Work): string {
    const { maxOutput } = this.#settings;
    this.#tools ??= toolsFor(this.#folder(), maxOutput);
    if (work.kind === "render") return this.#tools.jinja2.render(work);
    const json = JSON.stringify(parsed(this.#tools, work));
    if (json.length <= maxOutput) return json;
    throw new TemplateError(
      `the records take ${json.length} characters, and templates.max_output is ${maxOutput}`,
    );
  }

  /** Opened with the first work, so that a folder that is not there is told to who asks. */
  #folder(): TemplateFolder | null {
    const { dir } = this.#settings;
    return dir === null ? null : openTemplateFolder(dir);
  }
}

function toolsFor(folder: TemplateFolder | null, output: number): Tools {
  return {
    jinja2: new JinjaRenderer({ folder, limits: { output } }),
    textfsm: new TextFsmParser({ folder }),
    ttp: new TtpParser({ folder }),
    regex: new RegexParser({ folder }),
  };
}

function parsed({ textfsm, ttp, regex }: Tools, { name, template, text, options }: ParseWork): Parsed {
  switch (name) {
    case "textfsm":
      return textfsm.parse({ template, text }) as Parsed;
    case "ttp":
      return ttp.parse({ template, text }, options);
    case "regex":
      return regex.parse({ template, text }, options);
  }
}
