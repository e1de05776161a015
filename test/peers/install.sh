#!/usr/bin/env bash
# Brings the real peers of test/peers to a Debian 12 machine: Debian's packages; vcsim, a client of govmomi, the OTLP receiver of
# Prometheus 3 and a client of remote write built into .peers/bin; Amazon's DynamoDB Local with all that it needs from Maven Central in .peers/dynamodb-local, and
# pyVmomi, vPoller, cfn-lint and moto from PyPI in .peers/python, vmware_exporter in .peers/vmware-exporter, and Amazon's runtime interface client of Lambda from npm
# in .peers/lambda-ric.
# Quick when everything is there already; starts no service; needs root only while a package is missing.
set -euo pipefail
cd "$(dirname "$0")/../.."
PATH="$PATH:/usr/sbin:/sbin:/usr/local/go/bin"

# Debian's package for each program that the tests start.
package_of() {
  case $1 in
    sshd) echo openssh-server ;;
    ssh-keygen) echo openssh-client ;;
    busybox) echo busybox ;;
    faillock) echo libpam-modules-bin ;;
    openssl) echo openssl ;;
    python3) echo python3 ;;
    setpriv | unshare) echo util-linux ;;
    prometheus | promtool) echo prometheus ;;
    prometheus-pushgateway) echo prometheus-pushgateway ;;
    prometheus-node-exporter) echo prometheus-node-exporter ;;
    victoria-metrics) echo victoria-metrics ;;
    java | javac) echo openjdk-17-jdk-headless ;;
    mvn) echo maven ;;
    systemd-analyze) echo systemd ;;
    buildah) echo buildah ;;
    chromium) echo chromium fonts-dejavu-core ;;
    zsh) echo zsh ;;
    curl) echo curl ;;
    cmake) echo cmake ;;
    make | g++) echo build-essential ;;
    xz) echo xz-utils ;;
  esac
}
programs="sshd ssh-keygen busybox faillock openssl python3 setpriv unshare prometheus promtool prometheus-pushgateway prometheus-node-exporter victoria-metrics java javac mvn systemd-analyze buildah chromium zsh curl cmake make g++ xz"

missing_programs() {
  local program
  for program in $programs; do
    command -v "$program" > /dev/null || echo "$program"
  done
}

# The missing programs' packages, and libpam-modules when pam_faillock is missing.
missing_packages() {
  local program
  {
    for program in $(missing_programs); do package_of "$program"; done
    compgen -G '/lib/*/security/pam_faillock.so' > /dev/null || echo libpam-modules
  } | sort -u
}

fail() {
  echo "install.sh: $*" >&2
  exit 1
}

# Debian's packages start their services on installation unless policy-rc.d forbids it.
install_packages() {
  local policy=/usr/sbin/policy-rc.d
  if [ ! -e "$policy" ]; then
    trap 'rm -f /usr/sbin/policy-rc.d' EXIT
    printf '#!/bin/sh\nexit 101\n' > "$policy"
    chmod 755 "$policy"
  elif "$policy" prometheus start > /dev/null 2>&1; then
    fail "$policy lets packages start services; make it exit 101 for the time of this script"
  fi
  export DEBIAN_FRONTEND=noninteractive
  # Without the lists, or with old ones, the first try fails.
  apt-get install -qq -y --no-install-recommends "$@" > /dev/null 2>&1 ||
    { apt-get update -qq && apt-get install -qq -y --no-install-recommends "$@" > /dev/null; }
}

packages=$(missing_packages)
if [ -n "$packages" ]; then
  # shellcheck disable=SC2086 # a list of words
  set -- $packages
  command -v apt-get > /dev/null || fail "no apt-get here; bring $* yourself"
  [ "$(id -u)" = 0 ] || fail "run as root, or: apt-get install --no-install-recommends $*"
  echo "install.sh: installing $*"
  install_packages "$@" || fail "apt-get could not install $*"
  packages=$(missing_packages)
  [ -z "$packages" ] || fail "still missing after the installation: $(missing_programs | xargs) ($packages)"
fi

# The base of the container image has the C library alone; here it is made of Debian's packages.
base=.peers/container-base
if [ ! -d "$base" ]; then
  echo "install.sh: making the base of the container image"
  rm -rf "$base.new" "$base.debs"
  mkdir -p "$base.new" "$base.debs"
  fetch_base() { (cd "$base.debs" && apt-get download -qq base-files libc6 libgcc-s1 libstdc++6 > /dev/null 2>&1); }
  fetch_base || { apt-get update -qq && fetch_base; } ||
    fail "the packages for the base of the container image could not be fetched"
  for package in "$base.debs"/*.deb; do dpkg-deb -x "$package" "$base.new"; done
  rm -r "$base.debs"
  mv "$base.new" "$base"
fi

# Builds one of our Go programs into .peers/bin, again when its source changes.
build_go() {
  local program=$1 source=test/peers/$1 built_from
  built_from=$(cat "$source"/*.go "$source/go.mod" "$source/go.sum" | sha256sum)
  if [ ! -x ".peers/bin/$program" ] || [ "$(cat ".peers/$program.built-from" 2> /dev/null)" != "$built_from" ]; then
    command -v go > /dev/null || fail "no Go to build $program with; bring Go 1.25 or later"
    echo "install.sh: building $program"
    mkdir -p .peers/bin
    (cd "$source" && CGO_ENABLED=0 go build -buildvcs=false -mod=readonly -trimpath -o "../../../.peers/bin/$program" .) ||
      fail "$program could not be built"
    printf '%s\n' "$built_from" > ".peers/$program.built-from"
  fi
}
build_go vcsim
build_go govmomi
build_go otlp
build_go remote-write

# DynamoDB Local is put in place whole: its folder is there only when nothing failed before.
source=test/peers/dynamodb
built_from=$(cat "$source/pom.xml" "$source/LoopbackServer.java" | sha256sum)
jars=.peers/dynamodb-local
if [ ! -d "$jars" ] || [ "$(cat .peers/dynamodb-local.built-from 2> /dev/null)" != "$built_from" ]; then
  echo "install.sh: fetching DynamoDB Local"
  rm -rf "$jars" "$jars.new"
  mvn -B -q -Dstyle.color=never -f "$source/pom.xml" dependency:copy-dependencies -DoutputDirectory="$PWD/$jars.new" ||
    fail "DynamoDB Local could not be fetched"
  javac -cp "$jars.new/*" -d "$jars.new" "$source/LoopbackServer.java" || fail "its server could not be compiled"
  mv "$jars.new" "$jars"
  printf '%s\n' "$built_from" > .peers/dynamodb-local.built-from
fi
# Python's packages go into environments of their own; vmware_exporter has one for itself, because it wants older ones.
# The standard library has venv, but Debian keeps what it needs in a package of its own.
install_python() {
  local requirements=test/peers/python/$1 python=.peers/$2
  if [ ! -x "$python/bin/python" ] || ! cmp -s "$requirements" "$python/installed.txt"; then
    echo "install.sh: installing $(xargs < "$requirements")"
    python3 -c 'import ensurepip' 2> /dev/null || install_packages python3-venv || fail "python3-venv could not be installed"
    { python3 -m venv "$python" && "$python/bin/pip" install -q --disable-pip-version-check -r "$requirements"; } ||
      fail "Python's packages could not be installed"
    cp "$requirements" "$python/installed.txt"
  fi
}
install_python requirements.txt python
install_python vmware_exporter.txt vmware-exporter
# The client builds its native part when it is installed, so it is no dependency of the project, whose installation runs
# no script. It is put in place whole.
ric_version=4.0.2
ric=.peers/lambda-ric
if [ "$(cat "$ric/version.txt" 2> /dev/null)" != "$ric_version" ]; then
  echo "install.sh: building aws-lambda-ric, which takes some minutes"
  rm -rf "$ric" "$ric.new"
  mkdir -p "$ric.new"
  echo '{ "private": true, "allowScripts": { "aws-lambda-ric": true } }' > "$ric.new/package.json"
  (cd "$ric.new" && npm install --no-audit --no-fund --save-exact "aws-lambda-ric@$ric_version" > install.log 2>&1) ||
    { tail -n 20 "$ric.new/install.log" >&2 && fail "aws-lambda-ric could not be built"; }
  mv "$ric.new" "$ric"
  echo "$ric_version" > "$ric/version.txt"
fi
echo "install.sh: all peers are there"
