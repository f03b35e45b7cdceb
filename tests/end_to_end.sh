#!/usr/bin/env bash
# A day at the workbench in a real terminal (tmux): first run, panes, filter, map, certify, resize, paste, suspend and
# resume, a kill during a bulk certify, quit. It drives the binary that cargo has built and says what it waited for in vain.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

steward="${STEWARD:-$PWD/target/debug/steward}"
home="$(mktemp -d)"
session="steward-$$"
store="$home/day.db"
tmux=(tmux -L "$session" -f /dev/null)

cleanup() {
  "${tmux[@]}" kill-server 2>/dev/null || true
  # The shell in it may still be writing.
  for _ in 1 2 3 4 5; do rm -rf "$home" 2>/dev/null && break || sleep 0.2; done
}
trap cleanup EXIT

screen() { "${tmux[@]}" capture-pane -p; }
press() { "${tmux[@]}" send-keys "$@"; }
type_text() { "${tmux[@]}" send-keys -l "$1"; }

# Waits until the screen shows a text.
shows() {
  for _ in $(seq 1 300); do
    if screen | grep --quiet --fixed-strings -- "$1"; then return 0; fi
    sleep 0.1
  done
  echo "FAILED: waited for \"$1\"; on the screen is:" >&2
  screen >&2
  exit 1
}

# Waits until the screen no longer shows a text.
lacks() {
  for _ in $(seq 1 300); do
    if ! screen | grep --quiet --fixed-strings -- "$1"; then return 0; fi
    sleep 0.1
  done
  echo "FAILED: \"$1\" did not go away; on the screen is:" >&2
  screen >&2
  exit 1
}

step() { echo "== $*"; }

step "First run: there is no store, and one key makes the demo"
"${tmux[@]}" new-session -d -x 80 -y 24 \
  "env -i HOME=$home PATH=$PATH TERM=screen-256color PS1='shell> ' HISTFILE= bash --norc --noprofile -i"
shows 'shell>'
press "$steward --store $store" Enter
shows 'There is no store at'
press o
type_text "$home/nowhere.db"
press Enter
shows 'nowhere.db yet.'
lacks 'File:'
press d
shows 'NEEDS ATTENTION'
# The demo has a file of its own.
store="$home/.local/share/steward/demo.db"
count() { env HOME="$home" "$steward" --store "$store" list ledger --filter is:pending --json | wc -l; }
pending="$(count)"

step "Panes"
for pane in '1 IDN-0' '2 MAP-0' '3 POL-0' '4 JOB-0' '5 ITM-0' '6 LED-0'; do
  press "${pane%% *}"
  shows "${pane##* }"
done

step "Filter"
press f C-u
type_text 'is:pending source:HR'
press Enter
shows 'Filter: is:pending source:HR'

step "Map a code, and take it back"
press 2
shows 'MAP-0'
press m
shows 'It means'
press Down Enter
shows 'released'
press u
shows 'Took back operation'

step "Certify one"
press 6 v 1
shows "$pending of "
press c
shows 'Certified LED-'
shows "$((pending - 1)) of "
press u
shows "$pending of "

step "Resize, down to a size that is too small, and back"
"${tmux[@]}" resize-window -x 160 -y 45
shows 'column Ledger ID'
shows '│'
"${tmux[@]}" resize-window -x 40 -y 10
shows 'steward needs 60x16'
"${tmux[@]}" resize-window -x 1 -y 1
"${tmux[@]}" resize-window -x 80 -y 24
shows "$pending of "

step "Paste"
"${tmux[@]}" set-buffer 'home_state'
"${tmux[@]}" paste-buffer -p
shows 'Nothing here takes pasted text'
press /
shows 'Find:'
"${tmux[@]}" paste-buffer -p
shows 'Find: home_state'
press Escape
lacks 'Find:'

step "Suspend and resume"
press C-z
shows 'Stopped'
press 'fg' Enter
shows "$pending of "

step "Kill during a bulk certify"
press C
shows "Certify $pending"
press Tab Tab Enter
pid="$("${tmux[@]}" display-message -p '#{pane_pid}')"
kill -KILL "$(pgrep -P "$pid" steward)"
shows 'shell>'
press C-l
press "stty sane; reset" Enter
code=0
env HOME="$home" "$steward" --store "$store" verify || code=$?
[ "$code" -eq 14 ] || { echo "FAILED: verify ended with $code" >&2; exit 1; }
left="$(count)"
[ "$left" -eq "$pending" ] || [ "$left" -eq 0 ] || { echo "FAILED: $left of $pending pending: a half write" >&2; exit 1; }

step "Quit, and the shell is as it was"
press "$steward --store $store" Enter
shows 'NEEDS ATTENTION'
press q
shows 'shell>'
lacks 'NEEDS ATTENTION'
press 'echo done-$((40+2))' Enter
shows 'done-42'
echo "== All went well"
