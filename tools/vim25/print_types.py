"""Prints the types of the vSphere API (namespace urn:vim25) as pyVmomi knows them: the text of the vim25 table.

The first line: `vim25`, pyVmomi's version, and the API versions that the numbers below mean, the oldest first. Then a
line a type, by name: name, kind (M managed object, D data object, E enumeration), base (`-` for none), the version in
which it came, and its own properties: `<name>:<type>`, `[]` for an array, `?` for one that may be unset, and
`@<version>` where it came later than the type. Types are named as in the WSDL. Left out is what no vCenter or ESXi sends
at /sdk: DynamicData's own fields, and the vSAN management API, which pyVmomi keeps in the same namespace.
"""

import re

import pyVmomi
from pyVmomi import VmomiSupport

NAMESPACE = "urn:vim25"
API_VERSIONS = ("vim.version.", "vmodl.")
# Texts on the wire, as the WSDL declares them.
TEXTS = {"TypeName", "MethodName", "PropertyPath", "Link"}
ROOT = VmomiSupport.DataObject
DYNAMIC_DATA = VmomiSupport.GetVmodlType("vmodl.DynamicData")
FAULT = VmomiSupport.GetVmodlType("vmodl.MethodFault")
LOCALIZED_FAULT = VmomiSupport.GetVmodlType("vmodl.LocalizedMethodFault")


def belongs(version):
    return VmomiSupport.GetWsdlNamespace(version) == NAMESPACE and version.startswith(API_VERSIONS)


def listed(names):
    types = {VmomiSupport.GetVmodlType(name) for name in names}
    return {one for one in types - {ROOT} if belongs(one._version)}


def properties_of(one):
    if one in ENUMS or one is DYNAMIC_DATA:
        return []
    properties = [prop for prop in one._GetPropertyList(False) if belongs(prop.version)]
    # pyVmomi keeps the envelope's message there; the WSDL has no such field.
    return [prop for prop in properties if not (one is FAULT and prop.name == "msg")]


def print_version(version):
    """vmodl's own versions are as old as the API; a version between two releases has a hash for its id."""
    if not version.startswith("vim.version."):
        return "2.0"
    known = VmomiSupport.versionIdMap[version]
    return known if "." in known else version.removeprefix("vim.version.v").replace("_", ".")


def versions_of(types):
    """All that are used, the oldest first: a version has those before it for its parents."""
    used = {one._version for one in types} | {prop.version for one in types for prop in properties_of(one)}
    used = sorted(used, key=lambda version: (len(VmomiSupport.parentMap[version]), version))
    return list(dict.fromkeys(print_version(version) for version in used))


def print_type_name(owner, prop):
    name, array = re.fullmatch(r"(.+?)(\[\])?", prop.typeName).groups()
    if prop.flags & VmomiSupport.F_LINK:
        return "string" + (array or "")
    declared = VmomiSupport.GetVmodlType(name)
    # A fault travels in an envelope with its message; pyVmomi declares only what is in it.
    if isinstance(declared, type) and issubclass(declared, FAULT) and owner is not LOCALIZED_FAULT:
        declared = LOCALIZED_FAULT
    wsdl = VmomiSupport.GetWsdlName(declared)
    return ("string" if wsdl in TEXTS else wsdl) + (array or "")


def print_type(one, numbers):
    kind = "E" if one in ENUMS else "M" if one in MANAGED else "D"
    base = DYNAMIC_DATA if one is LOCALIZED_FAULT else one.__bases__[0]
    based = VmomiSupport.GetWsdlName(base) if base in MANAGED | DATA else "-"
    since = numbers[print_version(one._version)]
    words = [VmomiSupport.GetWsdlName(one), kind, based, str(since)]
    for prop in properties_of(one):
        optional = "?" if prop.flags & VmomiSupport.F_OPTIONAL else ""
        number = numbers[print_version(prop.version)]
        later = f"@{number}" if number > since else ""
        words.append(f"{prop.name}:{print_type_name(one, prop)}{optional}{later}")
    return " ".join(words)


MANAGED = listed(VmomiSupport.ListManagedTypes())
ENUMS = listed(VmomiSupport.ListEnumTypes())
DATA = listed(VmomiSupport.ListDataTypes()) | {FAULT, LOCALIZED_FAULT, VmomiSupport.GetVmodlType("vmodl.RuntimeFault")}


def main():
    everything = MANAGED | DATA | ENUMS
    versions = versions_of(everything)
    numbers = {version: number for number, version in enumerate(versions)}
    print("vim25", pyVmomi.version_info_str, *versions)
    for one in sorted(everything, key=VmomiSupport.GetWsdlName):
        print(print_type(one, numbers))


if __name__ == "__main__":
    main()
