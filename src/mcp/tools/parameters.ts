import { Type } from "@sinclair/typebox";

export function text(description: string, expected = "a text, and not empty") {
  return Type.String({ minLength: 1, maxLength: 4096, description, expected });
}

export function openObject(description: string) {
  return Type.Unsafe<Record<string, unknown>>(
    Type.Object({}, { description, additionalProperties: true, expected: "an object" }),
  );
}

export function integer(minimum: number, maximum: number, description: string) {
  return Type.Integer({
    minimum,
    maximum,
    description,
    expected: `an integer from ${minimum} to ${maximum}`,
  });
}

export function number(minimum: number, maximum: number, description: string) {
  return Type.Number({ minimum, maximum, description, expected: `a number from ${minimum} to ${maximum}` });
}

export function oneOf<const T extends readonly string[]>(values: T, description: string) {
  return Type.Unsafe<T[number]>(
    Type.String({
      enum: [...values],
      pattern: `^(?:${values.join("|")})$`,
      description,
      expected: `one of ${values.join(", ")}`,
    }),
  );
}

export const jobId = Type.String({
  pattern: "^job_[0-9a-z]{1,64}$",
  description: "Id of a job, as job_….",
  expected: "the id of a job",
});

export const listing = {
  limit: Type.Optional(integer(1, 100, "Entries at most. Default 20.")),
  cursor: Type.Optional(text("next_cursor of the page before.", "the next_cursor of the page before")),
};
export const DEFAULT_LIMIT = 20;
