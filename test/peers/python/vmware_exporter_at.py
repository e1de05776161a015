"""Starts vmware_exporter itself: `vmware_exporter_at.py <port of vCenter> <its own arguments>`. It takes no port of a
vCenter, and port 443 may be another's here. Nothing else differs."""

import functools
import sys

from pyVim import connect

connect.SmartConnect = functools.partial(connect.SmartConnect, port=int(sys.argv.pop(1)))

from vmware_exporter.vmware_exporter import main  # noqa: E402

main()
