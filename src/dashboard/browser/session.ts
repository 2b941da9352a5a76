import { createContext } from "preact";
import { useContext } from "preact/hooks";
import { Netpulse } from "../../client/index.ts";

/** Gone with the tab, and sent to nobody but the API. */
const PLACE = "netpulse.key";

export function storedKey(): string | null {
  return sessionStorage.getItem(PLACE);
}

export function keepKey(key: string): void {
  sessionStorage.setItem(PLACE, key);
}

export function forgetKey(): void {
  sessionStorage.removeItem(PLACE);
}

/** The API that served this page, also where a proxy has put it under a path. */
export function connect(apiKey: string): Netpulse {
  const { href } = new URL(".", `${location.origin}${location.pathname}`);
  return new Netpulse({ url: href, apiKey, retryForMs: 0 });
}

export interface Session {
  api: Netpulse;
  /** Back to the question for the key, with why. */
  end(why: string | null): void;
}

const SessionContext = createContext<Session | null>(null);
export const SessionProvider = SessionContext.Provider;

export function useSession(): Session {
  const session = useContext(SessionContext);
  if (session === null) throw new Error("this part of the page needs a session");
  return session;
}
