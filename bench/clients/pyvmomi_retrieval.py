"""A peer of the bench: pyVmomi reads every object of one type with some properties. One argument, a RetrievalOrder in
JSON; prints the time, this process's CPU and its peak memory. What is measured is view and retrieval."""

import json
import resource
import sys
import time
from urllib.parse import urlparse

from pyVim.connect import Disconnect, SmartConnect
from pyVmomi import vim, vmodl

PropertyCollector = vmodl.query.PropertyCollector


def retrieve(content, kind, paths):
    view = content.viewManager.CreateContainerView(content.rootFolder, [kind], True)
    members = PropertyCollector.TraversalSpec(name="members", path="view", skip=False, type=vim.view.ContainerView)
    spec = PropertyCollector.FilterSpec(
        propSet=[PropertyCollector.PropertySpec(type=kind, pathSet=paths)],
        objectSet=[PropertyCollector.ObjectSpec(obj=view, skip=True, selectSet=[members])])
    collector = content.propertyCollector
    page = collector.RetrievePropertiesEx([spec], PropertyCollector.RetrieveOptions())
    count = 0
    while page is not None:
        count += len(page.objects)
        page = collector.ContinueRetrievePropertiesEx(page.token) if page.token else None
    view.DestroyView()
    return count


def main():
    order = json.loads(sys.argv[1])
    url = urlparse(order["url"])
    service = SmartConnect(host=url.hostname, port=url.port, user=order["username"], pwd=order["password"],
                           disableSslCertValidation=True)
    content = service.RetrieveContent()
    before = resource.getrusage(resource.RUSAGE_SELF)
    started = time.perf_counter()
    count = retrieve(content, getattr(vim, order["type"]), order["paths"])
    seconds = time.perf_counter() - started
    after = resource.getrusage(resource.RUSAGE_SELF)
    assert count == order["objects"], count
    Disconnect(service)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    # Linux counts ru_maxrss in KiB.
    print(json.dumps({"ms": seconds * 1000, "cpuMs": cpu * 1000, "rssMb": after.ru_maxrss / 1024}))


main()
