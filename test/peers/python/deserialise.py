"""Reads a file with one answer to RetrievePropertiesEx by pyVmomi's own deserialiser and prints its objects as JSON: the
reference for vsweep's decoding. Values have the form that lib/vsphere/property/retrieved-object.ts describes."""

import base64
import json
import sys
from datetime import datetime, timezone

from pyVmomi import SoapAdapter, VmomiSupport, vmodl

GREATEST_EXACT = 2**53 - 1


def print_time(value):
    utc = value.astimezone(timezone.utc)
    fraction = f".{utc.microsecond:06}".rstrip("0").rstrip(".")
    return f"{utc:%Y-%m-%dT%H:%M:%S}{fraction}Z"


def print_fault(fault):
    fields = print_fields(fault)
    message = fields.pop("msg", None)
    return {"fault": fields} | ({} if message is None else {"localizedMessage": message})


def print_fields(data):
    fields = {}
    for prop in data._GetPropertyList():
        if prop.name in ("dynamicType", "dynamicProperty"):
            continue
        value = getattr(data, prop.name)
        optional = prop.flags & VmomiSupport.F_OPTIONAL
        # pyVmomi cannot tell an array that is unset from an empty one.
        if value is None or (optional and isinstance(value, list) and not value):
            continue
        fields[prop.name] = print_value(value)
    return fields


def print_value(value):
    if isinstance(value, vmodl.MethodFault):
        return print_fault(value)
    if isinstance(value, VmomiSupport.DataObject):
        return print_fields(value)
    if isinstance(value, VmomiSupport.ManagedObject):
        return {"type": VmomiSupport.GetWsdlName(type(value)), "value": value._moId}
    if isinstance(value, list):
        return [print_value(one) for one in value]
    if isinstance(value, datetime):
        return print_time(value)
    if isinstance(value, bool):
        return value
    if isinstance(value, int):
        return int(value) if abs(value) <= GREATEST_EXACT else str(int(value))
    if isinstance(value, float):
        return float(value)
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, type):
        return VmomiSupport.GetWsdlName(value)
    return str(value)


def main():
    stub = SoapAdapter.SoapStubAdapter("127.0.0.1", version="vim.version.version12")
    with open(sys.argv[1], "rb") as answer:
        read = SoapAdapter.SoapResponseDeserializer(stub)
        result = read.Deserialize(answer, vmodl.query.PropertyCollector.RetrieveResult)
    objects = [
        {"moref": print_value(one.obj), "properties": {prop.name: print_value(prop.val) for prop in one.propSet}}
        for one in result.objects
    ]
    json.dump(objects, sys.stdout)


main()
