#!/bin/bash
# OpenSSH's own client on all addresses at once, one process each; the password comes as sshpass would give it, but
# without a terminal. Needs BENCH_PASSWORD, BENCH_ASKPASS (a program that prints it), BENCH_PORT, BENCH_USER and
# BENCH_COMMAND; the addresses are the arguments. Prints the time and the CPU of all clients as one line of JSON.
set -euo pipefail
export SSH_ASKPASS=$BENCH_ASKPASS SSH_ASKPASS_REQUIRE=force LC_ALL=C
options=(-F none -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR
  -o PreferredAuthentications=keyboard-interactive -o NumberOfPasswordPrompts=1)

run_on() {
  [[ $(ssh "${options[@]}" -p "$BENCH_PORT" "$BENCH_USER@$1" "$BENCH_COMMAND" < /dev/null) == *hostd* ]]
}

started=${EPOCHREALTIME/./}
runs=()
for address in "$@"; do
  run_on "$address" &
  runs+=($!)
done
for run in "${runs[@]}"; do wait "$run"; done
ended=${EPOCHREALTIME/./}
# The second line of `times` is of the children: 0m1.234s 0m0.567s. A pipe would put it into a shell without children.
times > >(awk -v us=$((ended - started)) 'NR == 2 { for (i = 1; i <= 2; i++) { split($i, part, /[ms]/)
  cpu += part[1] * 60 + part[2] } printf "{\"ms\": %.1f, \"cpuMs\": %.1f}\n", us / 1000, cpu * 1000 }')
wait $!
