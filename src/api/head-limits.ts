import { HttpError } from "./http-error.ts";

export interface HeadLimits {
  /** Characters of path and query. */
  readonly maxUrl: number;
  /** Characters of all headers. */
  readonly maxHeaders: number;
}

/** What a header takes beside its name and value: a colon, a space and the end of the line. */
const AROUND = 4;

/** Throws `HttpError`: 414 or 431. */
export function checkHead({ url, headers }: Request, { maxUrl, maxHeaders }: HeadLimits): void {
  if (url.length - url.indexOf("/", url.indexOf("//") + 2) > maxUrl) {
    throw new HttpError(
      414,
      `the URL is longer than ${maxUrl} characters; ask for less, or raise server.max_url`,
    );
  }
  let size = 0;
  for (const [name, value] of headers) size += name.length + value.length + AROUND;
  if (size > maxHeaders) {
    throw new HttpError(
      431,
      `the headers are larger than ${maxHeaders} characters; send less, or raise server.max_headers`,
    );
  }
}
