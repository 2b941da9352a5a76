"""Reads a list of {template, context, options, files}; writes the text that Jinja2 makes of each with StrictUndefined,
or that it refuses the template."""
import json
import sys

import jinja2


def answer(question):
    options = dict(question.get("options") or {})
    environment = jinja2.Environment(
        loader=jinja2.DictLoader(question.get("files") or {}), undefined=jinja2.StrictUndefined, **options
    )
    try:
        return {"text": environment.from_string(question["template"]).render(question.get("context") or {})}
    except Exception as error:  # a template may fail with any of Python's errors
        return {"refused": True, "reason": repr(error)}


json.dump([answer(question) for question in json.load(sys.stdin)], sys.stdout)
