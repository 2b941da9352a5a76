"""Reads a list of {text, kind}; writes what Python's ipaddress makes of each: null when it refuses the text,
else the attributes that it has of those asked for, as texts."""
import ipaddress
import json
import sys

MAKERS = {
    "address": ipaddress.ip_address,
    "interface": ipaddress.ip_interface,
    "network": ipaddress.ip_network,
}


def answer(question):
    try:
        made = MAKERS[question["kind"]](question["text"])
    except ValueError:
        return None
    names = [name for name in question["attributes"] if hasattr(made, name)]
    return {"str": str(made), **{name: str(getattr(made, name)) for name in names}}


json.dump([answer(question) for question in json.load(sys.stdin)], sys.stdout)
