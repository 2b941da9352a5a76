"""What a netmiko user does with a device of any platform; prints what came of it as JSON."""
import json
import sys

from netmiko import ConnectHandler

port, device_type, steps = int(sys.argv[1]), sys.argv[2], json.loads(sys.argv[3])
seen = {}

device = ConnectHandler(
    device_type=device_type, host="127.0.0.1", port=port, username="admin", password="admin", secret="admin"
)
if steps["enable"]:
    device.enable()
seen["prompt"] = device.find_prompt()
seen["show"] = device.send_command(steps["show"])
seen["refused"] = device.send_command(steps["refused"])
seen["config"] = device.send_config_set(steps["lines"], exit_config_mode=not steps["commit"])
if steps["commit"]:
    seen["commit"] = device.commit()
    device.exit_config_mode()
if steps["save"] == "save_config":
    seen["save"] = device.save_config()
elif steps["save"] is not None:
    seen["save"] = "".join(device.send_command_timing(line, strip_command=False) for line in steps["save"])
seen["section"] = device.send_command(steps["section"])
seen["left"] = device.find_prompt()
device.disconnect()
print(json.dumps(seen))
