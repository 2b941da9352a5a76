import { expect, test } from "bun:test";
import { prints, reads } from "./replay.ts";
import { parseTranscript } from "./transcript.ts";

const HEAD = "source: measured\ndevice_type: frr\nsecret: s\n\n";

test("a transcript is what the device prints, what is typed, and what is expected of each job", () => {
  const text = `${HEAD}== login
< hello
_ r>\\s
# a remark
> enable
_ Password:\\s
* s
_ r#

== config {"save": true}
$ good
$ bad
| % no\\x07
_ r#
$! never
! ConfigError: line 2 was refused
`;
  expect(parseTranscript(text)).toEqual({
    source: "measured",
    deviceType: "frr",
    secret: "s",
    steps: [
      prints("hello\r\n"),
      prints("r> "),
      reads("enable\n"),
      prints("enable\r\n"),
      prints("Password: "),
      reads("s\n"),
      prints("r#"),
      reads("good\n"),
      prints("good\r\n"),
      reads("bad\n"),
      prints("bad\r\n"),
      prints("% no\x07\r\n"),
      prints("r#"),
    ],
    jobs: [
      {
        operation: { kind: "config", lines: ["good", "bad", "never"] },
        driverArgs: { save: true },
        outputs: ["", "% no\x07\n"],
        ok: [true, false],
        error: ["ConfigError", "line 2 was refused"],
      },
    ],
  });
});

test.each([
  ["no source", "device_type: frr\n\n== login\n", "names source"],
  ["a sign that is none", `${HEAD}== login\n? what\n`, "line 6 of the transcript: ? what"],
  ["output before a job", `${HEAD}== login\n| what\n`, "line 6"],
  ["a part that is none", `${HEAD}== logout\n`, "line 5"],
])("%s is an error", (_what, text, message) => {
  expect(() => parseTranscript(text)).toThrow(message);
});
