"""Reads a list of {folder, attributes, text}; writes the header and rows that textfsm's clitable gives by the
folder's index, or that it refuses. Names keep the case of the template."""
import json
import sys

from textfsm import clitable


def answer(question):
    clitable.CliTable.INDEX = {}
    try:
        table = clitable.CliTable("index", question["folder"])
        table.ParseCmd(question["text"], question["attributes"])
    except Exception as error:  # anything that clitable, textfsm or re raise is a refusal
        return {"refused": True, "reason": repr(error)}
    return {"header": list(table.header), "rows": [list(row) for row in table]}


json.dump([answer(question) for question in json.load(sys.stdin)], sys.stdout)
