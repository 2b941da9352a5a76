"""Writes a workbook with openpyxl: workbook.py FILE, the sheets as JSON {name: [[cell, …], …]} on stdin."""

import json
import sys

import openpyxl

workbook = openpyxl.Workbook()
workbook.remove(workbook.active)
for name, rows in json.load(sys.stdin).items():
    sheet = workbook.create_sheet(name)
    for row in rows:
        sheet.append(row)
workbook.save(sys.argv[1])
