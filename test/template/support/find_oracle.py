"""Reads a list of {pattern, text, replacement, count}; writes what re.finditer and re.sub make of each: the
spans, and the text or null when the replacement is refused."""
import json
import re
import sys


def substituted(question):
    try:
        return re.sub(question["pattern"], question["replacement"], question["text"], count=question["count"])
    except (re.error, IndexError):
        return None


def answer(question):
    spans = [list(match.span()) for match in re.finditer(question["pattern"], question["text"])]
    return {"spans": spans, "text": substituted(question)}


json.dump([answer(question) for question in json.load(sys.stdin)], sys.stdout)
