"""A fleet of ESXi-like hosts: the inetd-like listener of ESXi up to 7, in front of OpenSSH's `sshd -i`.

Started inside a mount and PID namespace of its own (`unshare --mount --pid --fork --kill-child --mount-proc`), so
nothing of the machine is changed and nothing survives it. Arguments: a folder that the caller has filled, the port
(0: any), which sshd_config of this folder all hosts have, and the commands that they lack (as ESXi 6.5 lacks `tr`);
such a host has busybox's other applets and nothing else. The folder:

    passwd                      every host's /etc/passwd
    hosts/<address>/            one host; seen as /run/host by each connection to that address
        shadow                  its /etc/shadow
        ssh_host_ecdsa_key, ssh_host_rsa_key, ssh_host_ed25519_key, authorized_keys
        services/<script>       running | stopped | hung | hung-child; a script without a file is missing in /etc/init.d
        faillock/               pam_faillock's counters
        esxcli/                 what esxcli and localcli print (the script esxcli of this folder); without it, none is there
    sshd.log                    written here

Standard output: {"port": …} when all addresses listen, then {} or {"error": …} for each line of standard input
{"address": …, "mode": "normal" | "refuse-connection" | "hang-banner" | "slow-command", "seconds": …}.
Ends when standard input closes, or on SIGTERM.
"""

import ctypes
import json
import os
import selectors
import shutil
import signal
import socket
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
CLONE_NEWNS = 0x00020000
MS_BIND = 0x1000
MODES = ("normal", "refuse-connection", "hang-banner", "slow-command")
libc = ctypes.CDLL(None, use_errno=True)


def checked(result, what):
    if result != 0:
        raise OSError(ctypes.get_errno(), f"{what}: {os.strerror(ctypes.get_errno())}")


def mount(source, target, kind=None, flags=0, options=None):
    encode = lambda text: None if text is None else os.fsencode(text)
    checked(
        libc.mount(encode(source), encode(target), encode(kind), ctypes.c_ulong(flags), encode(options)),
        f"mount {source} on {target}",
    )


def prepare_machine(folder, lacks):
    """What all hosts share. Only this mount namespace sees it."""
    mount("tmpfs", "/run", "tmpfs", options="mode=755")
    mount("tmpfs", "/var/log", "tmpfs", options="mode=755")
    for path in ("/run/sshd", "/run/host", "/run/esxi/applets"):
        os.makedirs(path, mode=0o755)
    for script in ("init-script", "esxcli"):
        shutil.copy(os.path.join(HERE, script), f"/run/esxi/{script}")
    for command in ("esxcli", "localcli"):
        os.symlink("/run/esxi/esxcli", f"/run/esxi/applets/{command}")
    with open("/run/esxi/issue", "w", encoding="ascii") as issue:
        issue.write("Authorized uses only. All activity may be monitored and reported.\n")
    mount(os.path.join(folder, "passwd"), "/etc/passwd", flags=MS_BIND)
    mount(os.path.join(HERE, "pam-sshd"), "/etc/pam.d/sshd", flags=MS_BIND)
    # As on ESXi, /bin/sh is busybox's ash, and busybox's applets come first.
    busybox = shutil.which("busybox")
    with os.popen(f"{busybox} --list") as applets:
        for applet in set(applets.read().split()) - lacks:
            os.symlink(busybox, f"/run/esxi/applets/{applet}")
    mount(busybox, os.path.realpath("/bin/sh"), flags=MS_BIND)


class Host:
    def __init__(self, folder, address, config, lacks):
        self.folder = folder
        self.config = config
        self.lacks = lacks
        self.address = address
        self.mode = "normal"
        self.seconds = 0
        self.listener = None
        self.held = []

    def listen(self, port):
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((self.address, port))
        except OSError:
            listener.close()
            raise
        listener.listen(128)
        listener.setblocking(False)
        self.listener = listener
        return listener.getsockname()[1]

    def stop_listening(self):
        self.listener.close()
        self.listener = None

    def accept(self):
        try:
            connection, _ = self.listener.accept()
        except (BlockingIOError, ConnectionAbortedError):
            return
        if self.mode == "hang-banner":
            self.held.append(connection)
            return
        with connection:
            if os.fork() == 0:
                self.become_sshd(connection)

    def become_sshd(self, connection):
        """In the child: enter this host, then sshd on the connection. Does not return."""
        try:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            connection.setblocking(True)
            checked(libc.unshare(CLONE_NEWNS), "unshare")
            mount(self.folder, "/run/host", flags=MS_BIND)
            mount("/run/host/shadow", "/etc/shadow", flags=MS_BIND)
            mount("tmpfs", "/etc/init.d", "tmpfs", options="mode=755")
            for service in os.listdir("/run/host/services"):
                os.symlink("/run/esxi/init-script", f"/etc/init.d/{service}")
            os.dup2(connection.fileno(), 0)
            os.dup2(connection.fileno(), 1)
            command = ["sshd", "-i", "-e", "-f", self.config]
            if self.lacks:
                command += ["-o", "SetEnv=PATH=/run/esxi/applets"]
            if self.mode == "slow-command":
                command += ["-o", f'ForceCommand=sleep {self.seconds}; eval "$SSH_ORIGINAL_COMMAND"']
            os.execv("/usr/sbin/sshd", command)
        except BaseException as error:  # the child must never run the parent's loop
            os.write(2, f"{self.address}: {error}\n".encode())
            os._exit(1)

    def set_mode(self, mode, seconds, port):
        if mode not in MODES:
            raise ValueError(f"no mode {mode!r}, only {', '.join(MODES)}")
        self.mode, self.seconds = mode, float(seconds)
        for connection in self.held:
            connection.close()
        self.held = []
        if mode == "refuse-connection":
            if self.listener is not None:
                self.stop_listening()
        elif self.listener is None:
            self.listen(port)


def listen_on_one_port(hosts, wanted):
    """All hosts on one port: the wanted one, or (0) a port that is free on every address."""
    for _ in range(20):
        port = wanted
        try:
            for host in hosts:
                port = host.listen(port)
            return port
        except OSError as error:
            if wanted != 0:
                raise OSError(error.errno, f"cannot listen on {host.address}:{port}: {error.strerror}") from error
            for listening in hosts:
                if listening.listener is not None:
                    listening.stop_listening()
    raise OSError("no port is free on all addresses")


def reap(_signal, _frame):
    try:
        while os.waitpid(-1, os.WNOHANG) != (0, 0):
            pass
    except ChildProcessError:
        pass


def serve(hosts, port):
    by_address = {host.address: host for host in hosts}
    with selectors.DefaultSelector() as selector:
        for host in hosts:
            selector.register(host.listener, selectors.EVENT_READ, host)
        selector.register(sys.stdin.buffer.raw, selectors.EVENT_READ)
        pending = b""
        while True:
            for key, _ in selector.select():
                if key.data is not None:
                    if key.data.listener is key.fileobj:
                        key.data.accept()
                    continue
                received = os.read(0, 65536)
                if not received:
                    return
                *lines, pending = (pending + received).split(b"\n")
                for line in lines:
                    say(obey(json.loads(line), by_address, port, selector))


def obey(order, by_address, port, selector):
    try:
        host = by_address[order["address"]]
        before = host.listener
        if before is not None:
            selector.unregister(before)
        try:
            host.set_mode(order["mode"], order.get("seconds", 0), port)
        finally:
            if host.listener is not None:
                selector.register(host.listener, selectors.EVENT_READ, host)
        return {}
    except (KeyError, OSError, ValueError) as error:
        return {"error": f"{type(error).__name__}: {error}"}


def say(message):
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


def main():
    folder, wanted_port, config = sys.argv[1], int(sys.argv[2]), os.path.join(HERE, sys.argv[3])
    lacks = set(sys.argv[4:])
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    names = sorted(os.listdir(os.path.join(folder, "hosts")), key=lambda a: [int(n) for n in a.split(".")])
    hosts = [Host(os.path.join(folder, "hosts", name), name, config, lacks) for name in names]
    prepare_machine(folder, lacks)
    log = os.open(os.path.join(folder, "sshd.log"), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    port = listen_on_one_port(hosts, wanted_port)
    signal.signal(signal.SIGCHLD, reap)
    say({"port": port})
    os.dup2(log, 2)
    serve(hosts, port)


main()
