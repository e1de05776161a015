"""Answers requests as vPoller's own worker does, but for its sockets: a JSON request a line on standard input, and for
each a JSON line, `{"reply": <what its client would receive>}`, or `{"died": <why>}` where the worker process ends and
the client receives nothing. The first line is `{"host", "port", "user", "password"}` of the vCenter; once it has been
read, three snapshots are taken in the first virtual machine, each on top of the last one."""

import io
import json
import logging
import sys
import types

import pyVim.connect
import pyVim.task
import pyVmomi

# csvhelper imports a module of Python 2.
sys.modules["cStringIO"] = types.SimpleNamespace(StringIO=io.StringIO)

from vconnector.core import VConnector  # noqa: E402
from vpoller.worker import DefaultJSONEncoder, VPollerWorker  # noqa: E402

HELPERS = ["zabbix", "czabbix", "cclient", "csvhelper"]


def take_snapshots(agent):
    view = agent.get_container_view(obj_type=[pyVmomi.vim.VirtualMachine])
    machine = min(view.view, key=lambda one: one.name)
    view.DestroyView()
    for number in (1, 2, 3):
        pyVim.task.WaitForTask(
            machine.CreateSnapshot_Task(
                name=f"snapshot {number}", description=f"é {number}", memory=False, quiesce=number == 2
            )
        )


def answer(worker, message):
    """The part of VPollerWorker.wait_for_tasks that lies between its sockets."""
    result = worker.process_client_msg(message)
    if "helper" in message and message["helper"] in worker.helper_modules:
        data = worker.run_helper(helper=message["helper"], msg=message, data=result)
    else:
        try:
            data = json.dumps(result, cls=DefaultJSONEncoder, ensure_ascii=False)
        except (ValueError, TypeError) as error:
            data = json.dumps({"success": 1, "msg": "Cannot serialize result: %s" % error})
    if isinstance(data, str):
        return data
    # What send_unicode says of anything else.
    return json.dumps({"success": 1, "msg": "Cannot send result: str objects only"})


def main():
    logging.disable(logging.CRITICAL)
    vcenter = json.loads(sys.stdin.readline())
    worker = VPollerWorker(
        db=None, proxy=None, tasks=["vpoller.vsphere.tasks"], cache_enabled=False, cache_maxsize=0, cache_ttl=0,
        cache_housekeeping=0, helpers=["vpoller.helpers." + name for name in HELPERS],
    )
    worker.load_task_modules()
    worker.load_helper_modules()
    agent = VConnector(
        user=vcenter["user"], pwd=vcenter["password"], host=vcenter["host"], port=vcenter["port"]
    )
    worker.agents[agent.host] = agent
    take_snapshots(agent)
    print(json.dumps({"helpers": sorted(worker.helper_modules)}), flush=True)
    for line in sys.stdin:
        try:
            print(json.dumps({"reply": answer(worker, json.loads(line))}), flush=True)
        except Exception as error:
            print(json.dumps({"died": f"{type(error).__name__}: {error}"}), flush=True)
    agent.disconnect()


main()
