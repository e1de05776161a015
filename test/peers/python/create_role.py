"""Creates a role on a vCenter by the vSphere API, as govc's role.create and permissions.set do, and gives it to an account
on the root folder. Standard input is one line of JSON: `{"host", "port", "user", "password", "name", "principal",
"privileges"}`. Prints what the vCenter then has, as JSON: the privileges of the role, and the principals that have it."""

import json
import ssl
import sys

import pyVim.connect
from pyVmomi import vim

asked = json.loads(sys.stdin.readline())
service = pyVim.connect.SmartConnect(
    host=asked["host"],
    port=asked["port"],
    user=asked["user"],
    pwd=asked["password"],
    sslContext=ssl._create_unverified_context(),
)
try:
    content = service.RetrieveContent()
    manager = content.authorizationManager
    role = manager.AddAuthorizationRole(asked["name"], asked["privileges"])
    permission = vim.AuthorizationManager.Permission(
        principal=asked["principal"], group=False, roleId=role, propagate=True
    )
    manager.SetEntityPermissions(content.rootFolder, [permission])
    found = next(one for one in manager.roleList if one.roleId == role)
    given = manager.RetrieveEntityPermissions(content.rootFolder, False)
    principals = [one.principal for one in given if one.roleId == role and one.propagate]
    print(json.dumps({"privileges": list(found.privilege), "principals": principals}))
finally:
    pyVim.connect.Disconnect(service)
