#!/usr/bin/env bash
# Records the traces that the goldens of rules trace.* are made of, with the Go that is installed: record.sh [RULE...]
set -euo pipefail
here="$(cd "$(dirname "$0")" && pwd)"
goldens="$here/../../golden/rules"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
go build -trimpath -o "$work/sick" "$here/sick.go"

# RULE NAME MODE: gzip'd trace of a program that ends.
while read -r rule name mode kill; do
  [ $# -eq 0 ] || [[ " $* " == *" $rule "* ]] || continue
  into="$goldens/trace.$rule"
  mkdir -p "$into"
  case "$kill" in
    log)  # a folder with what a crash leaves: log and trace
      mkdir -p "$into/$name"
      "$work/sick" "$mode" "$work/t" 2>"$into/$name/crash.log" >/dev/null || true
      gzip -9nc "$work/t" >"$into/$name/trace.out.gz" ;;
    "") "$work/sick" "$mode" "$work/t"; gzip -9nc "$work/t" >"$into/$name.trace.gz" ;;
    *) timeout -s KILL "$kill" "$work/sick" "$mode" "$work/t" || true; gzip -9nc "$work/t" >"$into/$name.trace.gz" ;;
  esac
done <<'TABLE'
before-panic fires-nil-map panics log
before-panic fires-fatal-error map-race log
before-panic fires-after-a-read panics-after-read log
before-panic fires-in-a-lock panics-in-lock log
beside-dump fires-senders dumped log
beside-dump near-miss-nobody-waits panics-after-read log
deadlock fires-two-locks deadlock 4
deadlock near-miss-beside-signals deadlock-beside-signals 5
deadlock near-miss-beside-a-ticker deadlock-beside-ticker 5
stuck fires-lock-not-released stuck
stuck near-miss-short-locks short-lock
leak fires-receivers-left leak
leak fires-nil-channel nil-channel
leak near-miss-pool pool
leak near-miss-ended ended
leak near-miss-select-forever select-forever
never-ended fires-ticker-loops lingering
never-ended near-miss-pool pool
never-ran fires-crowd never-ran
never-ran near-miss-all-ran all-ran
blocked-long fires-held-lock held-lock
blocked-long near-miss-short-lock short-lock
lock-convoy fires-slow-section convoy
lock-convoy near-miss-held-once held-lock
serial-bottleneck fires-one-worker serial
serial-bottleneck near-miss-workers-sleep shared
starvation fires-24-for-two-Ps starved
starvation near-miss-three-for-two-Ps busy
scheduler-latency fires-tokens latency
scheduler-latency near-miss-quiet-server quiet-server
stop-the-world fires-read-mem-stats stops
stop-the-world near-miss-now-and-then few-stops
gc-pressure fires-no-room garbage
gc-pressure near-miss-three-cycles tidy
greedy fires-long-runs never-ran
greedy near-miss-quiet-server quiet-server
creation-storm fires-a-goroutine-a-square storm
creation-storm near-miss-batches batches
syscall-thrash fires-a-byte-a-write syscalls
syscall-thrash fires-handovers handovers
syscall-thrash near-miss-buffered buffered
task-latency fires-slow-ones slow-task
task-latency fires-never-ended open-task
task-latency near-miss-even even-tasks
timer-storm fires-polls polls
timer-storm near-miss-slow-ticks ticks
network-stall fires-slow-server slow-server
network-stall near-miss-idle-server idle-server
panic-in-flight fires-recovered recovered
panic-in-flight near-miss-quiet-server quiet-server
torn fires-exits exits 9
torn near-miss-quiet-server quiet-server
TABLE
