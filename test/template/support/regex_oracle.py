"""Reads a list of {pattern, texts}; writes what Python's re makes of each: null when it refuses the
pattern, else for each text null or its groups and named groups."""
import json
import re
import sys


def groups(regex, text):
    match = regex.match(text)
    if match is None:
        return None
    return {"groups": [match.group(0), *match.groups()], "named": list(match.groupdict().items())}


def answer(question):
    try:
        regex = re.compile(question["pattern"])
    except (re.error, OverflowError, ValueError):
        return None
    return [groups(regex, text) for text in question["texts"]]


json.dump([answer(question) for question in json.load(sys.stdin)], sys.stdout)
