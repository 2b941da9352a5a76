import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { TemplateError } from "../../../src/core/errors.ts";
import { TemplateFolder } from "../../../src/template/folder.ts";
import { type JinjaLimits, JinjaRenderer } from "../../../src/template/jinja/jinja-renderer.ts";
import type { RenderOptions } from "../../../src/template/renderer.ts";
import { tempDir } from "../../support/tempdir.ts";

export interface Question {
  template: string;
  context?: Record<string, unknown>;
  options?: RenderOptions;
  /** Of the template folder, by name. */
  files?: Record<string, string>;
}

export type Answer = { text: string } | { refused: true; reason: string };

/** What our renderer makes of an inline template. */
export function ours(question: Question, limits: Partial<JinjaLimits> = {}): Answer {
  using folder = tempDir("jinja");
  for (const [name, text] of Object.entries(question.files ?? {})) {
    mkdirSync(dirname(folder.file(name)), { recursive: true });
    writeFileSync(folder.file(name), text);
  }
  const renderer = new JinjaRenderer({
    folder: question.files === undefined ? null : new TemplateFolder(folder.path),
    limits,
  });
  try {
    const { template, context = {}, options = {} } = question;
    return { text: renderer.render({ template: { kind: "inline", text: template }, context, options }) };
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    return { refused: true, reason: error.message };
  }
}

export function text(template: string, context: Record<string, unknown> = {}): string {
  const answer = ours({ template, context });
  if ("refused" in answer) throw new Error(answer.reason);
  return answer.text;
}

export function refusal(template: string, context: Record<string, unknown> = {}): string {
  const answer = ours({ template, context });
  if ("text" in answer) throw new Error(`made ${JSON.stringify(answer.text)}`);
  return answer.reason;
}
