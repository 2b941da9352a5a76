"""Runs Python code of the document in one namespace, as one program would, and reports what it did.

The first line of standard input is the list of steps. Each event is one JSON line on standard output:
"sleep" when the code wants to sleep, which is answered by "go on" or "stop"; "done" with the outcome of
every step at the end. Nothing sleeps: what the code waits for is for the caller to bring about.
"""

import asyncio
import contextlib
import inspect
import io
import json
import sys
import time

events = sys.stdout
namespace = {"__name__": "__main__"}


class Stopped(BaseException):
    """Ends an endless loop. Not an Exception, which the code might catch."""


def tell(event):
    events.write(json.dumps(event, default=repr) + "\n")
    events.flush()


def sleep(seconds):
    tell({"event": "sleep", "seconds": seconds, "printed": sys.stdout.getvalue()})
    if sys.stdin.readline().strip() != "go on":
        raise Stopped


def call(step):
    value = namespace[step["call"]](*step["args"], **step["named"])
    return asyncio.run(value) if inspect.iscoroutine(value) else value


def recording(name):
    function = namespace[name]

    def recorded(*args):
        recorded.calls.append([list(args), function(*args)])
        return recorded.calls[-1][1]

    recorded.calls = []
    namespace[name] = recorded


def perform(step):
    if "code" in step:
        return exec(compile(step["code"], step["name"], "exec"), namespace)
    if "call" in step:
        return call(step)
    if "record" in step:
        return recording(step["record"])
    return eval(step["value"], namespace)


def outcome_of(step):
    printed = io.StringIO()
    outcome = {"returned": None, "raised": None, "stopped": False}
    with contextlib.redirect_stdout(printed):
        try:
            outcome["returned"] = perform(step)
        except Stopped:
            outcome["stopped"] = True
        except Exception as error:
            outcome["raised"] = f"{type(error).__name__}: {error}"
    return {**outcome, "printed": printed.getvalue()}


time.sleep = sleep
steps = json.loads(sys.stdin.readline())
tell({"event": "done", "outcomes": [outcome_of(step) for step in steps]})
