import { useState } from "preact/hooks";
import { Forbidden, type Netpulse, Unauthorized } from "../../../client/index.ts";
import { Mark } from "../components/mark.tsx";
import { Notice, wordsOf } from "../components/notice.tsx";
import { connect } from "../session.ts";

interface SignInProps {
  /** Why one is here again. */
  why: string | null;
  onEnter(key: string, api: Netpulse): void;
}

export function SignIn({ why, onEnter }: SignInProps) {
  const [key, setKey] = useState("");
  const [problem, setProblem] = useState(why);
  const [busy, setBusy] = useState(false);
  const submit = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    try {
      onEnter(key.trim(), await tried(key.trim()));
    } catch (error) {
      setProblem(error instanceof Unauthorized ? "That is not a key of this NetPulse." : wordsOf(error));
      setBusy(false);
    }
  };
  return (
    <main class="sign-in">
      <form class="panel" onSubmit={submit}>
        <h1>
          <Mark /> NetPulse
        </h1>
        <label for="key">API key</label>
        <input
          id="key"
          type="password"
          autocomplete="off"
          spellcheck={false}
          required
          value={key}
          onInput={({ currentTarget }) => setKey(currentTarget.value)}
          aria-describedby="key-help"
        />
        <p id="key-help" class="help">
          It stays in this tab and is forgotten when that is closed. The first key was printed when the
          service started, and is in <code>api-key</code> in its data folder.
        </p>
        {problem !== null && <Notice kind="error" title={problem} />}
        <button type="submit" class="primary" disabled={busy}>
          Sign in
        </button>
      </form>
      <p class="muted">
        The API is described at <a href="swagger">/swagger</a>.
      </p>
    </main>
  );
}

/** A key that may not read the health is a key all the same. */
async function tried(key: string): Promise<Netpulse> {
  const api = connect(key);
  await api.system.down().catch((error: unknown) => {
    if (!(error instanceof Forbidden)) throw error;
  });
  return api;
}
