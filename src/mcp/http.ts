import type { HttpTerms, OpenTerms } from "./http-terms.ts";

/**
 * A server for each session of the API; `fetch` asks that API with the session's key. The SDK is loaded with the first one:
 * it takes a third of a second and 30 MB, which a service without assistants need not spend.
 */
export function httpServers(terms: HttpTerms) {
  return {
    open(given: OpenTerms) {
      const opened = import("./http-session.ts").then(({ openSession }) => openSession(terms, given));
      return {
        answer: async (request: Request, message: unknown) => (await opened).answer(request, message),
        close: async () => (await opened).close(),
      };
    },
  };
}
