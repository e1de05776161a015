"""Starts vPoller's own worker: `vpoller_worker.py <configuration> <processes>`, 0 for one a processor. The release's
vpoller-worker ends at once on Python 3, because some defaults of its configuration are no texts; here they are, as in
its sources after the release. Nothing else differs."""

import configparser
import logging
import sys

import vpoller.worker


def parser_of(defaults):
    return configparser.ConfigParser({key: str(value) for key, value in defaults.items()})


logging.basicConfig(
    format="[%(asctime)s - %(levelname)s/%(processName)s] %(message)s", level=logging.INFO
)
vpoller.worker.ConfigParser = parser_of
vpoller.worker.VPollerWorkerManager(config_file=sys.argv[1], num_workers=int(sys.argv[2])).start()
