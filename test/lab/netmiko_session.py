"""What a netmiko user does with a Cisco router, step by step; prints what came of it as JSON."""
import json
import re
import sys

from netmiko import ConnectHandler
from netmiko.ssh_exception import NetMikoAuthenticationException

host, port = sys.argv[1], int(sys.argv[2])
login = {"device_type": "cisco_ios", "host": host, "port": port, "username": "admin", "secret": "admin"}
seen = {}

try:
    ConnectHandler(password="wrong", **login)
    seen["wrong_password"] = "accepted"
except NetMikoAuthenticationException:
    seen["wrong_password"] = "refused"

router = ConnectHandler(password="admin", **login)
seen["login_prompt"] = router.find_prompt()
router.enable()
seen["enabled_prompt"] = router.find_prompt()
seen["version"] = router.send_command("show version")
seen["refused"] = router.send_command("show nonsense")

seen["config"] = router.send_config_set(
    ["interface Loopback77", "description set by netmiko", "ip address 192.0.2.77 255.255.255.255"]
)
seen["save"] = router.save_config()
seen["section"] = router.send_command("show running-config | section Loopback77")

seen["rename"] = router.send_config_set(["hostname renamed-by-netmiko"])
router.set_base_prompt()
seen["renamed_prompt"] = router.find_prompt()

whole = router.send_command("show interfaces | exclude input|output|packets|bytes|broadcasts|multicast")
router.send_command("terminal length 24")
router.write_channel("show interfaces | exclude input|output|packets|bytes|broadcasts|multicast\n")
paged, pages = "", 1
while True:
    text = router.read_until_pattern(r"--More--|renamed-by-netmiko#")
    paged += text
    if "--More--" not in text:
        break
    pages += 1
    router.write_channel(" ")
paged = re.sub(r" --More-- ?|\x08+ +\x08+", "", paged)
seen["pages"] = pages
seen["paged_is_whole"] = whole.strip() in paged.replace("\r", "")

router.disconnect()
print(json.dumps(seen))
