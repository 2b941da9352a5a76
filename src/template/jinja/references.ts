const TAG = /\{%[-+]?\s*(?:include|import|from|extends)\b((?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|[^'"%])*)/g;
const TEXT = /'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"/g;

/** Names of other templates that a template writes out, whether it comes to them or not. */
export function namesIn(source: string): string[] {
  const names: string[] = [];
  for (const [, rest = ""] of source.matchAll(TAG)) {
    for (const [, single, double] of rest.matchAll(TEXT)) names.push(single ?? double ?? "");
  }
  return names;
}

/** Names that the engine has looked for in vain, as it says so; empty when something else is wrong. */
export function missingIn(message: string): string[] {
  const [, listed] =
    /(?:non-existing template|one of multiple templates, none of which existed|^template not found: template) (.*)$/s.exec(
      message,
    ) ?? [];
  if (listed === undefined) return [];
  return (listed.match(/"(?:[^"\\]|\\.)*"/g) ?? []).flatMap(unquoted);
}

function unquoted(quoted: string): string[] {
  try {
    return [JSON.parse(quoted)];
  } catch {
    return []; // a name with characters that no file of ours has
  }
}
