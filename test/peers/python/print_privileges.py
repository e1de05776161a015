"""Prints which privilege the vSphere API declares for reading properties and calling methods, as pyVmomi knows it: one
line of JSON, an array of ids in the order of what standard input names, which is JSON: `{"type", "path"}` for a property
path or `{"method"}`. Of a path the property of the managed object counts, because only these have a privilege. None
declared is System.Read, as the reference says of properties."""

import json
import re
import sys

from pyVmomi import VmomiSupport

NAMESPACE = "urn:vim25"
DEFAULT = "System.Read"


def of_path(one, path):
    needed = []
    for name in re.sub(r"\[[^\]]*\]", "", path).split("."):
        info = one._GetPropertyInfo(name)
        needed.append(getattr(info, "privId", None) or DEFAULT)
        one = getattr(info.type, "Item", info.type)
        if not issubclass(one, VmomiSupport.ManagedObject):
            break
    return needed


def needed(asked):
    if "path" in asked:
        return of_path(VmomiSupport.GetWsdlType(NAMESPACE, asked["type"]), asked["path"])
    return [VmomiSupport.GetWsdlMethod(NAMESPACE, asked["method"]).info.privId or DEFAULT]


print(json.dumps([needed(asked) for asked in json.load(sys.stdin)]))
