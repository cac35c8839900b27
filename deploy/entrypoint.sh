#!/bin/sh
# One process of one service: entrypoint.sh <service> web|relay|consumer|scheduler|migrate
# What an operator does now and then: entrypoint.sh <service> replay-dead-letters|retry-due-work|check-audit
#
# A web process that is told to stop first turns its readiness false, waits until the balancer has looked, and only
# then passes the signal on: gunicorn closes its listener at once, and requests sent meanwhile would be refused.
set -eu

usage() {
    echo "usage: entrypoint.sh <service> web|relay|consumer|scheduler|migrate|replay-dead-letters|retry-due-work|check-audit" >&2
    exit 64
}

[ "$#" -ge 2 ] || usage
service=$1
role=$2
shift 2
: "${PYTHON:=python}"

case "$role" in
    web) ;;
    relay | consumer | scheduler) exec "$PYTHON" -m shared.worker "$service" "$role" "$@" ;;
    replay-dead-letters | retry-due-work | check-audit) exec "$PYTHON" -m shared.upkeep "$service" "$role" "$@" ;;
    migrate) exec "$PYTHON" -m shared.migrations "$service" "$@" ;;
    *) usage ;;
esac

state=$(mktemp -d "${TMPDIR:-/tmp}/web.XXXXXX")
export PROMETHEUS_MULTIPROC_DIR="$state"
export DRAIN_FILE="$state/draining"
"$PYTHON" -m gunicorn --config "$(dirname "$0")/gunicorn.conf.py" "services.$service.app:create_app()" "$@" &
server=$!

drain() {
    : >"$DRAIN_FILE"
    sleep "${DRAIN_SECONDS:-5}" &
    wait $! || true
    kill -TERM "$server" 2>/dev/null || true
}
trap drain TERM
trap 'kill -INT "$server" 2>/dev/null || true' INT

# A trapped signal ends `wait` early, so wait again until the server itself has gone.
code=0
while :; do
    if wait "$server"; then code=0; else code=$?; fi
    kill -0 "$server" 2>/dev/null || break
done
rm -rf "$state"
exit "$code"
