"""The peer of esxi-exporter's kind: paramiko on `threads` hosts at a time, the command of an SshOrder (JSON, first
argument) on each. Prints the time and this process's CPU as one line of JSON."""

import concurrent.futures
import json
import resource
import sys
import time

import paramiko


def run_on(order, host):
    fleet = order["fleet"]
    transport = paramiko.Transport((host, fleet["port"]))
    try:
        transport.start_client(timeout=60)
        transport.auth_interactive(fleet["user"], lambda title, text, prompts: [fleet["password"] for _ in prompts])
        channel = transport.open_session()
        channel.exec_command(order["command"])
        output = channel.makefile().read()
        assert b"hostd" in output, output
    finally:
        transport.close()


def main():
    order = json.loads(sys.argv[1])
    before = resource.getrusage(resource.RUSAGE_SELF)
    started = time.perf_counter()
    with concurrent.futures.ThreadPoolExecutor(order["threads"]) as pool:
        list(pool.map(lambda host: run_on(order, host), order["fleet"]["addresses"]))
    seconds = time.perf_counter() - started
    after = resource.getrusage(resource.RUSAGE_SELF)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(json.dumps({"ms": seconds * 1000, "cpuMs": cpu * 1000}))


main()
