"""Reads a list of {template, text}; writes what python3-textfsm makes of each: its header and rows, or what
kind of refusal it gives. Files are opened as text, so any line end of a template counts."""
import io
import json
import re
import sys

import textfsm

REFUSALS = (textfsm.TextFSMTemplateError, re.error, OverflowError, ValueError)
# A List with groups of its own, assigned a group that took no part, fails with a TypeError.
FAILURES = (textfsm.TextFSMError, TypeError)


def answer(question):
    try:
        fsm = textfsm.TextFSM(io.StringIO(question["template"], newline=None))
    except REFUSALS as error:
        return {"refused": "template", "reason": str(error)}
    try:
        rows = fsm.ParseText(question["text"])
    except FAILURES as error:
        return {"refused": "text", "reason": str(error)}
    return {"header": fsm.header, "rows": rows}


json.dump([answer(question) for question in json.load(sys.stdin)], sys.stdout)
