import { TemplateError } from "../core/errors.ts";
import { RegexBudgetError } from "../python-regex/errors.ts";
import type { TemplateFile, TemplateFolder } from "./folder.ts";
import type { TemplateSource } from "./parser.ts";

/** A template's file, at most `limit` bytes of it. `folder` is null where templates come inline only. */
export function readTemplate(folder: TemplateFolder | null, path: string, limit: number): TemplateFile {
  if (folder === null) {
    throw new TemplateError("there is no template folder; set templates.dir, or give the template inline");
  }
  return folder.read(path, limit);
}

/** Does the work with the template that is given inline or by file, for parsers that no index leads to. */
export function withSource<T>(
  folder: TemplateFolder | null,
  source: TemplateSource,
  limit: number,
  work: (template: string) => T,
): T {
  switch (source.kind) {
    case "inline":
      if (source.text.length > limit) {
        throw new TemplateError(`the template is longer than ${limit} characters`);
      }
      return work(source.text);
    case "file":
      return within(source.path, () => work(readTemplate(folder, source.path, limit).text));
    case "command":
      throw new TemplateError("the index has TextFSM templates only; give the template inline or by file");
  }
}

/** Names the file in what is wrong with it, unless another one is. */
export function within<T>(file: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof RegexBudgetError) throw new TemplateError(error.message, { file, cause: error });
    if (!(error instanceof TemplateError)) throw error;
    const { reason, line, notFound } = error;
    throw new TemplateError(reason, { line, file: error.file ?? file, notFound, cause: error });
  }
}
