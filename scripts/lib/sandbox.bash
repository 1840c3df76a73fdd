# shellcheck shell=bash
# Read in by scripts that need a sandbox for a while.

# Starts one: its process is then in $sandbox, and FILE reads in its environment. What it writes is in FILE's folder, too.
start_sandbox() { # FILE [OPTION OF SERVE]
    cargo build --quiet --locked --package sandbox
    TMPDIR=${1%/*} target/debug/sandbox serve "${@:2}" >"$1" &
    sandbox=$!
    for _ in $(seq 100); do
        if grep -q '^# Running' "$1"; then return; fi
        kill -0 "$sandbox" || break
        sleep 0.1
    done
    echo "the sandbox did not start" >&2
    return 1
}

stop_sandbox() {
    kill "${sandbox:-}" 2>/dev/null || true
}
