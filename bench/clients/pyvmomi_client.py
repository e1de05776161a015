"""The peer of the old exporters' kind: pyVmomi lists the hosts of a vCenter and reads the properties of a sweep, by
the same views and leaf properties. One argument, a VcenterOrder in JSON; prints the time and this process's CPU."""

import json
import resource
import sys
import time
from urllib.parse import urlparse

from pyVim.connect import Disconnect, SmartConnect
from pyVmomi import vim, vmodl

PropertyCollector = vmodl.query.PropertyCollector
LISTED = ["name", "parent", "runtime.connectionState", "runtime.powerState", "runtime.inMaintenanceMode",
          "config.lockdownMode"]
ABOVE = [(vim.ComputeResource, ["name", "parent"]), (vim.Folder, ["parent"]), (vim.Datacenter, ["name", "parent"])]
READ = ["name", "runtime.connectionState", "config.service", "overallStatus"]


def retrieve(content, property_sets, object_sets):
    specs = [PropertyCollector.PropertySpec(type=kind, pathSet=paths) for kind, paths in property_sets]
    collector = content.propertyCollector
    page = collector.RetrievePropertiesEx(
        [PropertyCollector.FilterSpec(propSet=specs, objectSet=object_sets)], PropertyCollector.RetrieveOptions())
    objects = []
    while page is not None:
        objects += [(one.obj, {p.name: p.val for p in one.propSet}) for one in page.objects]
        page = collector.ContinueRetrievePropertiesEx(page.token) if page.token else None
    return objects


def list_and_read(order):
    url = urlparse(order["url"])
    service = SmartConnect(host=url.hostname, port=url.port, user=order["username"], pwd=order["password"],
                           disableSslCertValidation=True)
    content = service.RetrieveContent()
    kinds = [vim.HostSystem] + [kind for kind, _ in ABOVE]
    view = content.viewManager.CreateContainerView(content.rootFolder, kinds, True)
    members = PropertyCollector.TraversalSpec(name="members", path="view", skip=False, type=vim.view.ContainerView)
    of_view = PropertyCollector.ObjectSpec(obj=view, skip=True, selectSet=[members])
    listed = retrieve(content, [(vim.HostSystem, LISTED)] + ABOVE, [of_view])
    view.DestroyView()
    hosts = [obj for obj, _ in listed if isinstance(obj, vim.HostSystem)]
    read = retrieve(content, [(vim.HostSystem, READ)], [PropertyCollector.ObjectSpec(obj=host) for host in hosts])
    assert len(read) == order["hosts"], len(read)
    Disconnect(service)


def main():
    order = json.loads(sys.argv[1])
    before = resource.getrusage(resource.RUSAGE_SELF)
    started = time.perf_counter()
    list_and_read(order)
    seconds = time.perf_counter() - started
    after = resource.getrusage(resource.RUSAGE_SELF)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(json.dumps({"ms": seconds * 1000, "cpuMs": cpu * 1000}))


main()
