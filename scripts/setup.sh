# Sourced by portico, check and scripts/lock, which set $root: brings uv and .venv to what the locks say, inside the tree.

say() { printf 'portico: %s\n' "$*" >&2; }

fail() {
    say "$*"
    exit 1
}

# ready LOCK: returns at once when .venv holds what LOCK names. The copy of a lock inside .venv is the stamp.
# The development set contains the runtime set, so a tree that once ran ./check keeps its tools when the runtime lock changes.
ready() {
    ! installed "$1" || return 0
    wanted=$1
    [ ! -e "$root/.venv/requirements-dev.lock" ] || wanted=requirements-dev.lock
    (
        cd "$root"
        take_turn
        installed "$1" || install "$wanted"
    ) || exit 1
}

installed() { [ -x "$root/.venv/bin/python" ] && cmp -s "$root/$1" "$root/.venv/$1"; }

install() {
    bring_uv
    say "installing the packages of $1 into .venv"
    if [ ! -x .venv/bin/python ]; then
        python=$(python_path) || exit 1
        uv venv --clear --python "$python" .venv || fail "could not make .venv: the lines above say why."
    fi
    rm -f .venv/requirements.lock .venv/requirements-dev.lock
    uv pip sync --require-hashes --compile-bytecode --python .venv/bin/python "$1" ||
        fail "could not install $1: the lines above say why. Nothing is half done: the same command starts over."
    cp requirements.lock .venv/requirements.lock
    [ "$1" = requirements.lock ] || cp "$1" ".venv/$1"
}

bring_uv() {
    ! cmp -s requirements-uv.lock .tools/uv/requirements-uv.lock || return 0
    say "bringing uv into .tools"
    rm -rf .tools/uv
    python=$(python_path) || exit 1
    "$python" -m venv .tools/uv &&
        .tools/uv/bin/python -m pip install --quiet --no-cache-dir --disable-pip-version-check --require-hashes -r requirements-uv.lock &&
        cp requirements-uv.lock .tools/uv/ || fail "could not bring uv: the lines above say why."
}

# The machine's own certificates, so that it also works behind a company's proxy.
uv() {
    UV_CACHE_DIR="$root/.tools/cache" UV_PYTHON_DOWNLOADS=never UV_SYSTEM_CERTS="${UV_SYSTEM_CERTS:-true}" \
        "$root/.tools/uv/bin/uv" --quiet "$@"
}

python_path() {
    for python in python3 python3.14 python3.13 python3.12 python3.11; do
        "$python" -c 'import sys, venv, ensurepip; sys.version_info >= (3, 11) or sys.exit(1); print(sys.executable)' 2>/dev/null && return
    done
    fail "needs Python 3.11 or newer with its venv module on the PATH (Debian and Ubuntu: apt-get install python3 python3-venv)."
}

# One process installs at a time; the link names its owner, so the turn of one that died is free.
take_turn() {
    mkdir -p .tools
    until ln -s "$$" .tools/turn 2>/dev/null; do
        owner=$(readlink .tools/turn) || continue
        kill -0 "$owner" 2>/dev/null || rm -f .tools/turn
        sleep 0.2
    done
    trap 'rm -f .tools/turn' EXIT
    trap 'exit 130' INT TERM HUP
}
