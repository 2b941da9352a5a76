"""Prints what a device answers to one command: ask-device.py PORT COMMAND."""

import sys

import paramiko

port, command = int(sys.argv[1]), sys.argv[2]
client = paramiko.SSHClient()
client.set_missing_host_key_policy(paramiko.AutoAddPolicy())
client.connect("127.0.0.1", port, "admin", "admin", look_for_keys=False, allow_agent=False)
_stdin, stdout, _stderr = client.exec_command(command)
print(stdout.read().decode())
client.close()
