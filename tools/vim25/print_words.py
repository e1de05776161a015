"""Prints the words of each enumeration of the vSphere API as pyVmomi knows them: a line each, its name in the WSDL first."""

from pyVmomi import VmomiSupport

TYPES = [VmomiSupport.GetVmodlType(name) for name in VmomiSupport.ListEnumTypes()]

for one in sorted(TYPES, key=VmomiSupport.GetWsdlName):
    if VmomiSupport.GetWsdlNamespace(one._version) == "urn:vim25":
        print(VmomiSupport.GetWsdlName(one), *one.values)
