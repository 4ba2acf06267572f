#!/usr/bin/env bash
# Builds the sick service, lets it live for a little over a minute under load,
# collects what it leaves, and lets it die: examples/capture.sh [OUTPUT-FOLDER]
#
# Needs go, curl and up to 1.5 GB of memory for the last seconds of the service.
# Listens on a free loopback port, works in a folder of its own under TMPDIR, ends
# only the two processes that it started.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
out=${1:-$here/incident}
work=$(mktemp -d "${TMPDIR:-/tmp}/shop.XXXXXX")
shop='' load=''

cleanup() {
    local pid
    for pid in $load $shop; do
        kill "$pid" 2>/dev/null || true
        wait "$pid" 2>/dev/null || true
    done
    rm -rf "$work"
}
trap cleanup EXIT

say() { printf '%3d s  %s\n' "$SECONDS" "$*"; }

die() {
    printf 'capture.sh: %s\n' "$*" >&2
    exit 1
}

# until_second N: sleeps until N seconds after the service began to listen.
until_second() {
    while ((SECONDS < $1)); do sleep 0.2; done
}

# fetch FILE PATH: stores an answer of the service.
fetch() {
    say "$1"
    curl --silent --show-error --fail --noproxy '*' --max-time 30 --output "$work/$1" "$url$2"
}

# -trimpath, no VCS stamp, no cgo: nothing of this machine in the binary, and so
# nothing of it in the evidence.
say 'build'
(cd "$here/sick" && CGO_ENABLED=0 go build -trimpath -buildvcs=false -o "$work/" ./cmd/shop ./cmd/load)

env -u GODEBUG -u GOGC -u GOMEMLIMIT -u GOTRACEBACK "$work/shop" -addr 127.0.0.1:0 2>"$work/app.log" &
shop=$!
for ((try = 0; try < 50; try++)); do
    address=$(sed -n 's/.* listening on //p' "$work/app.log")
    [[ -n $address ]] && break
    sleep 0.1
done
[[ -n $address ]] || die "the service does not listen: $(<"$work/app.log")"
url=http://$address
SECONDS=0
say "service at $url, load begins"
"$work/load" -url "$url" -for 90s &
load=$!

until_second 15
fetch heap-1.pb.gz '/debug/pprof/heap?gc=1'
until_second 20
fetch cpu.pb.gz '/debug/pprof/profile?seconds=10'
until_second 55
fetch heap-2.pb.gz '/debug/pprof/heap?gc=1'
until_second 66
fetch mutex.pb.gz /debug/pprof/mutex
fetch block.pb.gz /debug/pprof/block
fetch goroutines.txt '/debug/pprof/goroutine?debug=2'

until_second 68
say 'admin moves category 3 (Garden) below its own child 33 (Hand tools)'
curl --silent --show-error --fail --noproxy '*' --data 'id=3&to=33' --output /dev/null "$url/catalog/move"
say 'next visitor opens Garden'
answer=0
curl --silent --noproxy '*' --max-time 40 --output /dev/null "$url/catalog/tree/3" || answer=$?
((answer != 0)) || die 'the visitor got an answer, the service lives on'
((answer != 28)) || die 'the service neither answers nor ends'

status=0
wait "$shop" || status=$?
shop=''
wait "$load" || true
load=''
say "the service ended with status $status"
((status == 2)) || die "status 2, that of a Go crash, was expected"
grep -q '^fatal error: stack overflow' "$work/app.log" || die 'app.log has no stack overflow'

mkdir -p "$out"
for file in app.log {heap-1,heap-2,cpu,mutex,block}.pb.gz goroutines.txt; do
    install -m 644 "$work/$file" "$out/$file"
done
say "written to $out"
wc -c "$out"/*.pb.gz "$out/app.log" "$out/goroutines.txt"
