"""Prints a reference to object-1 of each managed type that is named on standard input, as Python prints pyVmomi's object
of it: one line a type, in the order in which they came."""

import sys

import pyVmomi  # noqa: F401 (registers the types)
from pyVmomi import VmomiSupport

for name in sys.stdin.read().split():
    print(VmomiSupport.GetWsdlType("urn:vim25", name)("object-1"))
