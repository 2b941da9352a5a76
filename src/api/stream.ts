/** Longest piece of text that is made or escaped in one go, so that the event loop is never held. */
const PIECE = 256 * 1024;

/** The JSON of a value in pieces of bounded size; joined they are what `JSON.stringify` gives. */
export function* jsonPieces(value: unknown): Generator<string> {
  if (typeof value === "string" && value.length > PIECE) yield* stringPieces(value);
  else if (Array.isArray(value)) yield* listPieces(value);
  else if (typeof value === "object" && value !== null) yield* objectPieces(value);
  else yield JSON.stringify(value) ?? "null";
}

function* stringPieces(text: string): Generator<string> {
  yield '"';
  // A surrogate pair cut in two is escaped as two halves, which readers put together again.
  for (let i = 0; i < text.length; i += PIECE) yield JSON.stringify(text.slice(i, i + PIECE)).slice(1, -1);
  yield '"';
}

function* listPieces(list: readonly unknown[]): Generator<string> {
  let before = "[";
  for (const value of list) {
    yield before;
    yield* jsonPieces(value);
    before = ",";
  }
  yield before === "[" ? "[]" : "]";
}

function* objectPieces(object: object): Generator<string> {
  let before = "{";
  for (const [name, value] of Object.entries(object)) {
    if (value === undefined) continue;
    yield `${before}${JSON.stringify(name)}:`;
    yield* jsonPieces(value);
    before = ",";
  }
  yield before === "{" ? "{}" : "}";
}

/** A body of these pieces, made as fast as the client takes it. */
export function bodyOf(pieces: Iterator<string>): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  return new ReadableStream({
    pull(controller) {
      let text = "";
      while (text.length < PIECE) {
        const { done, value } = pieces.next();
        if (done) {
          if (text !== "") controller.enqueue(encoder.encode(text));
          controller.close();
          return;
        }
        text += value;
      }
      controller.enqueue(encoder.encode(text));
    },
  });
}
