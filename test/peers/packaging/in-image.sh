#!/usr/bin/env bash
# in-image.sh <root of the image> <folder of the state> <folder of /etc/vsweep> <command…>: runs a command of the test in
# the image's files, as an engine does with --read-only and no network but its own loopback. Begin it by
# `unshare --mount --pid --net --fork`.
set -euo pipefail
image=$1 state=$2 config=$3
shift 3
busybox ip link set lo up
mount --bind "$image" "$image"
mount -o remount,ro,bind "$image"
mount --bind "$state" "$image/var/lib/vsweep"
mount --bind -o ro "$config" "$image/etc/vsweep"
mount -t proc proc "$image/proc"
mount -t tmpfs tmpfs "$image/tmp"
mount --bind /dev "$image/dev"

# inside <command…>: the environment, the folder and the user are those that the image names. This shell becomes it.
inside() {
  exec env -i XDG_STATE_HOME=/var/lib/vsweep \
    unshare --root="$image" --wd=/etc/vsweep --setgid 65532 --setuid 65532 "$@"
}

# until_healthy <command…>: waits for the health check of the image, for a minute at most.
until_healthy() {
  local tries
  for tries in $(seq 60); do
    if (inside "$@"); then
      echo "healthy"
      return
    fi
    sleep 1
  done
  echo "not healthy after $tries tries"
}

case $1 in
  once)
    shift
    inside "$@"
    ;;
  stop-when-healthy)
    # once the health check of the remaining arguments, up to `--`, answers, the rest is stopped by SIGTERM.
    shift
    health=()
    while [ "$1" != -- ]; do
      health+=("$1")
      shift
    done
    shift
    inside "$@" &
    until_healthy "${health[@]}"
    kill -TERM $!
    code=0
    wait $! || code=$?
    echo "ended with $code"
    ;;
esac
