"""Changes the virtual machines of a vCenter by the vSphere API, as an administrator does. The first line of standard
input is `{"host", "port", "user", "password"}`, each other one a change, which is answered by a line when it is made:
`{"rename": <name>, "to": <name>}`, `{"move": <name>, "to": <name of a new folder>}` or `{"destroy": <name>}`."""

import json
import ssl
import sys
import time

import pyVim.connect
from pyVmomi import vim


def machine(content, name):
    view = content.viewManager.CreateContainerView(content.rootFolder, [vim.VirtualMachine], True)
    found = next(one for one in view.view if one.name == name)
    view.DestroyView()
    return found


def finish(task):
    """pyVim's own WaitForTask breaks over a running task of vcsim, whose method it does not know."""
    until = time.monotonic() + 20
    while task.info.state in (vim.TaskInfo.State.queued, vim.TaskInfo.State.running):
        if time.monotonic() > until:
            raise TimeoutError(task.info.descriptionId)
        time.sleep(0.01)
    if task.info.error is not None:
        raise task.info.error


def change(content, wanted):
    if "rename" in wanted:
        return machine(content, wanted["rename"]).Rename_Task(wanted["to"])
    if "move" in wanted:
        folder = content.rootFolder.childEntity[0].vmFolder.CreateFolder(wanted["to"])
        return folder.MoveIntoFolder_Task([machine(content, wanted["move"])])
    one = machine(content, wanted["destroy"])
    finish(one.PowerOffVM_Task())
    return one.Destroy_Task()


vcenter = json.loads(sys.stdin.readline())
context = ssl.create_default_context()
context.check_hostname = False
context.verify_mode = ssl.CERT_NONE
instance = pyVim.connect.SmartConnect(
    host=vcenter["host"], port=vcenter["port"], user=vcenter["user"], pwd=vcenter["password"], sslContext=context
)
for line in sys.stdin:
    finish(change(instance.RetrieveContent(), json.loads(line)))
    print("done", flush=True)
pyVim.connect.Disconnect(instance)
