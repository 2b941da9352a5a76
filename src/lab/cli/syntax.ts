/**
 * The notation in which a platform's commands are written down:
 *
 *     show ip interface brief        keywords
 *     ip route <prefix:ip> …         a parameter: name and type
 *     duplex {auto|full|half}        one of several keywords
 *     ping <host:word> [repeat <n:int 1-9>]   something that may be left out
 */
export type Piece =
  /** `choice` marks a keyword that is a value (`full` in `duplex full`), not part of the setting's name. */
  { kind: "word"; word: string; choice: boolean } | { kind: "param"; name: string; type: string };

/** Every sequence of pieces a syntax stands for. Throws on a syntax that is not well-formed. */
export function expandSyntax(syntax: string): Piece[][] {
  const reader = { tokens: syntax.match(/<[^>]*>|\{[^}]*\}|\[|\]|[^\s[\]]+/g) ?? [], at: 0 };
  const all = readSequence(reader);
  if (reader.at < reader.tokens.length) throw new Error(`unbalanced brackets in syntax: ${syntax}`);
  return all;
}

interface Reader {
  tokens: string[];
  at: number;
}

function readSequence(reader: Reader): Piece[][] {
  let sequences: Piece[][] = [[]];
  while (reader.at < reader.tokens.length && reader.tokens[reader.at] !== "]") {
    const alternatives = readTerm(reader);
    sequences = sequences.flatMap((head) => alternatives.map((tail) => [...head, ...tail]));
  }
  return sequences;
}

function readTerm(reader: Reader): Piece[][] {
  const token = reader.tokens[reader.at++] ?? "";
  if (token === "[") {
    const inner = readSequence(reader);
    if (reader.tokens[reader.at++] !== "]") throw new Error("a bracket is not closed in a syntax");
    return [[], ...inner];
  }
  if (token.startsWith("{")) {
    return token
      .slice(1, -1)
      .split("|")
      .map((word) => [{ kind: "word", word, choice: true }]);
  }
  if (token.startsWith("<")) return [[readParam(token)]];
  return [[{ kind: "word", word: token, choice: false }]];
}

function readParam(token: string): Piece {
  const [, name = "", type = ""] = /^<([a-z]+):(.+)>$/i.exec(token) ?? [];
  if (name === "") throw new Error(`not a parameter: ${token}`);
  return { kind: "param", name, type };
}
