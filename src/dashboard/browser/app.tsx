import { useEffect, useMemo, useState } from "preact/hooks";
import type { Netpulse } from "../../client/index.ts";
import { Shell } from "./components/shell.tsx";
import { Telemetry } from "./model/telemetry.ts";
import { connect, forgetKey, keepKey, SessionProvider, storedKey } from "./session.ts";
import { SignIn } from "./views/sign-in.tsx";

/** The question for a key, or everything else. */
export function App() {
  const [api, setApi] = useState<Netpulse | null>(() => {
    const key = storedKey();
    return key === null ? null : connect(key);
  });
  const [why, setWhy] = useState<string | null>(null);
  const enter = (key: string, made: Netpulse) => {
    keepKey(key);
    setWhy(null);
    setApi(made);
  };
  const end = (reason: string | null) => {
    forgetKey();
    setWhy(reason);
    setApi(null);
  };
  return api === null ? <SignIn why={why} onEnter={enter} /> : <SignedIn api={api} end={end} />;
}

function SignedIn({ api, end }: { api: Netpulse; end(why: string | null): void }) {
  const telemetry = useMemo(
    () => new Telemetry(api, () => end("The API does not take this key any more.")),
    [api],
  );
  useEffect(() => {
    telemetry.start();
    return () => telemetry.stop();
  }, [telemetry]);
  const session = useMemo(() => ({ api, end }), [api]);
  return (
    <SessionProvider value={session}>
      <Shell telemetry={telemetry} />
    </SessionProvider>
  );
}
