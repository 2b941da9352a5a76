import type { ConnectContext } from "../../../src/device/driver.ts";
import { Answers } from "../../../src/device/transport/answers.ts";
import { place } from "../../../src/device/transport/ssh-errors.ts";
import type { SshTarget } from "../../../src/device/transport/ssh-target.ts";
import type { Dialogue } from "../engine/dialogue.ts";
import type { Platform } from "../platform.ts";
import { logIn } from "./login.ts";

/** The login over Telnet that the same arguments mean over SSH. */
export function telnetLogin(
  { host, port, username, password, answers: scripted, patience }: SshTarget,
  { onLogin }: Platform,
  { progress }: Pick<ConnectContext<unknown>, "progress">,
): (dialogue: Dialogue) => Promise<void> {
  const where = place(host, port);
  return (dialogue) => {
    progress(`waiting for the login of ${where}`);
    return logIn(dialogue, {
      where,
      username,
      answers: new Answers({ username, password, answers: scripted, code: undefined }),
      scripted: scripted.map(({ prompt }) => prompt),
      questions: onLogin,
      seconds: { banner: patience.banner, login: patience.login },
    });
  };
}
