import { Type } from "@sinclair/typebox";
import { ref } from "./openapi.ts";

/** What stands beside the entries of a page. */
export const paginationSchema = Type.Object({
  next_cursor: Type.Union([
    Type.String({ description: "Give it as `cursor` for the next page." }),
    Type.Null(),
  ]),
  limit: Type.Integer(),
});

export const linkHeader = { Link: 'The next page, as `rel="next"`; none on the last one.' };

/** The success of a list of what is called `component` in the document, with one of it as the example. */
export function pageOf(
  component: string,
  { description, example }: { description: string; example: object },
) {
  return {
    status: 200,
    description,
    data: { type: "array", items: ref(component) },
    beside: { pagination: paginationSchema },
    headers: linkHeader,
    example: {
      code: 200,
      message: "success",
      data: [example],
      pagination: { next_cursor: null, limit: 1000 },
    },
  };
}
