"""Reads a list of {kind, text, method, args}; writes what Python makes of each, or null when it refuses: `ini` by
configparser, `csv` by csv, `literal` by ast.literal_eval, `method` by a method of str."""
import ast
import configparser
import csv
import json
import sys


def ini(question):
    parser = configparser.ConfigParser()
    parser.optionxform = str
    parser.read_string(question["text"])
    return {name: dict(parser.items(name)) for name in parser.sections()}


def rows(question):
    return list(csv.reader(question["text"].splitlines()))


def literal(question):
    return ast.literal_eval(question["text"])


def method(question):
    return getattr(question["text"], question["method"])(*question["args"])


MAKERS = {"ini": ini, "csv": rows, "literal": literal, "method": method}


def answer(question):
    try:
        return MAKERS[question["kind"]](question)
    except (configparser.Error, csv.Error, SyntaxError, ValueError, TypeError, MemoryError):
        return None


json.dump([answer(question) for question in json.load(sys.stdin)], sys.stdout)
