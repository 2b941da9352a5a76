import { intType, type ParamType, type ParamTypes, type Token, tokenize } from "./params.ts";
import { expandSyntax, type Piece } from "./syntax.ts";

/** What a line was understood as. Positions count characters from the line's beginning. */
export type Match<T> =
  | { kind: "ok"; entry: T; args: Record<string, string>; words: string[]; named: number }
  | { kind: "invalid"; at: number }
  | { kind: "ambiguous"; at: number }
  | { kind: "incomplete"; at: number };

/** What may follow a line typed so far, as `?` shows it. */
export interface Candidate {
  word: string;
  help: string;
}

interface Node<T> {
  words: Map<string, { node: Node<T>; choice: boolean }>;
  params: { name: string; type: ParamType; node: Node<T> }[];
  entry: T | null;
  /** The entry a shortened `no` form stands for: all that is left out are values. */
  short: T | null;
}

/**
 * Commands of one mode as a tree of keywords and parameters. Keywords may be shortened as long as they
 * stay unique, in any case, as Cisco's and its imitators' command lines have it.
 */
export class Grammar<T extends { syntax: string }> {
  readonly #root: Node<T> = newNode();
  readonly #types: ParamTypes;

  constructor(entries: readonly T[], types: ParamTypes) {
    this.#types = types;
    for (const entry of entries) {
      for (const pieces of expandSyntax(entry.syntax)) this.#add(pieces, entry);
    }
  }

  /** `short` also accepts a line that lacks nothing but values, as after `no`. */
  match(line: string, from = 0, short = false): Match<T> {
    const tokens = tokenize(line, from);
    const walk = this.#walk(tokens, line);
    if (walk.failed) return walk.failed;
    const entry = walk.node.entry ?? (short ? walk.node.short : null);
    if (entry === null) return { kind: "incomplete", at: line.length };
    return { kind: "ok", entry, args: walk.args, words: walk.words, named: walk.named };
  }

  /** What could stand where the line ends. A line that ends in a space asks for the next word. */
  candidates(line: string, from: number, help: Readonly<Record<string, string>>): Candidate[] {
    const tokens = tokenize(line, from);
    const partial = /\S$/.test(line.slice(from)) ? tokens.pop()?.text.toLowerCase() : "";
    const { node, failed } = this.#walk(tokens, line);
    if (failed) return [];
    const words = [...node.words.keys()].filter((word) => word.startsWith(partial ?? "")).sort();
    const found = words.map((word) => ({ word, help: help[word] ?? "" }));
    if (partial !== "") return found;
    for (const { type } of node.params) found.push({ word: type.label, help: type.help });
    if (node.entry) found.push({ word: "<cr>", help: "" });
    return found;
  }

  #add(pieces: readonly Piece[], entry: T): void {
    let node = this.#root;
    const path = pieces.map((piece) => {
      node = piece.kind === "word" ? wordNode(node, piece) : this.#paramNode(node, piece);
      return node;
    });
    node.entry = entry;
    for (let i = pieces.length - 1; i >= 0 && isValue(pieces[i]); i--) {
      const before = path[i - 1];
      if (before) before.short ??= entry;
    }
  }

  #paramNode(node: Node<T>, piece: { name: string; type: string }): Node<T> {
    const type = this.#types[piece.type] ?? intType(piece.type);
    if (!type) throw new Error(`no such parameter type: ${piece.type}`);
    const known = node.params.find((param) => param.name === piece.name && param.type.label === type.label);
    if (known) return known.node;
    const added = { name: piece.name, type, node: newNode<T>() };
    node.params.push(added);
    return added.node;
  }

  #walk(tokens: readonly Token[], line: string): Walk<T> {
    const walk: Walk<T> = { node: this.#root, args: {}, words: [], named: 0, failed: null };
    for (let at = 0; at < tokens.length && !walk.failed; ) at += step(walk, tokens, at, line);
    return walk;
  }
}

interface Walk<T> {
  node: Node<T>;
  args: Record<string, string>;
  /** The line with its keywords written out. */
  words: string[];
  /** How many of `words` name the setting: up to its last keyword that is not itself a value. */
  named: number;
  failed: Exclude<Match<T>, { kind: "ok" }> | null;
}

/** Takes the next token, or the next few; returns how many. */
function step<T>(walk: Walk<T>, tokens: readonly Token[], at: number, line: string): number {
  const token = tokens[at];
  if (!token) return 1;
  const { word, ambiguous } = findWord(walk.node, token.text.toLowerCase());
  const edge = word === null ? undefined : walk.node.words.get(word);
  if (word !== null && edge) {
    walk.node = edge.node;
    walk.words.push(word);
    if (!edge.choice) walk.named = walk.words.length;
    return 1;
  }
  for (const { name, type, node } of walk.node.params) {
    const taken = type.take(tokens, at, line);
    if (!taken) continue;
    walk.node = node;
    walk.args[name] = taken.value;
    walk.words.push(taken.value);
    return taken.used;
  }
  walk.failed = ambiguous
    ? { kind: "ambiguous", at: token.start }
    : { kind: "invalid", at: token.start + agreement(walk.node, token.text.toLowerCase()) };
  return 1;
}

/** The keyword that a word means: itself, or the only one it begins. */
function findWord<T>(node: Node<T>, text: string): { word: string | null; ambiguous: boolean } {
  if (node.words.has(text)) return { word: text, ambiguous: false };
  const found = [...node.words.keys()].filter((word) => word.startsWith(text));
  return { word: found.length === 1 ? (found[0] ?? null) : null, ambiguous: found.length > 1 };
}

/** How many characters agree with some keyword: devices point at the first that does not. */
function agreement<T>(node: Node<T>, text: string): number {
  let best = 0;
  for (const word of node.words.keys()) {
    let same = 0;
    while (same < text.length && text[same] === word[same]) same++;
    best = Math.max(best, same);
  }
  return Math.min(best, text.length - 1);
}

function wordNode<T>(node: Node<T>, piece: { word: string; choice: boolean }): Node<T> {
  const known = node.words.get(piece.word);
  if (known) return known.node;
  const added = { node: newNode<T>(), choice: piece.choice };
  node.words.set(piece.word, added);
  return added.node;
}

function newNode<T>(): Node<T> {
  return { words: new Map(), params: [], entry: null, short: null };
}

function isValue(piece: Piece | undefined): boolean {
  return piece !== undefined && (piece.kind === "param" || piece.choice);
}
