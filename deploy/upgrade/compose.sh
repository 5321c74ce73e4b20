#!/bin/sh
# Upgrades a node that runs in containers to the version in this folder: backup, build, rehearsal, start, and back to the
# former image and database if the new version is not well. Called again, it goes on with what was cut off.
# Usage, in the project's folder after `git pull`: deploy/upgrade/compose.sh
set -eu
cd "$(dirname "$0")/../.."
# Seconds in which the new version has to be well.
patience=${PATIENCE:-180}
under_way=.upgrade
if docker compose version >/dev/null 2>&1; then compose="docker compose"; else compose=docker-compose; fi
# What has begun goes on if the connection to this machine breaks.
trap '' HUP INT

say() { echo "$*" || true; }
refuse() { echo "Error: $*" >&2; exit 1; }
# A command of the version that was built last, in a container of its own.
new() { $compose run --rm -T --no-deps node "$@" </dev/null; }
is_well() { $compose exec -T node rtr health </dev/null >/dev/null 2>&1; }
becomes_well() {
    ends=$(($(date +%s) + patience))
    until is_well; do
        [ "$(date +%s)" -lt "$ends" ] || return 1
        sleep 1
    done
}
# It brings the database along by itself, after a copy. The service `migrate` would do that before, while nobody serves.
start() { $compose up -d --no-deps node </dev/null; }
use_former() { docker tag runtalkrun:former runtalkrun:latest; }

go_back() {
    say "the new version is not well: going back to the former one"
    $compose stop node </dev/null
    copy=
    if [ "$(new migrate --show)" != "$revision" ]; then
        copy=$($compose run --rm -T --no-deps --entrypoint sh node -c \
            "ls -1 \"\$RTR_DATA\"/before-upgrade/node-$revision-*.sqlite" </dev/null | tail -n 1)
        [ -n "$copy" ] || { start; refuse "no copy from before is left, so the new version runs on: see its log"; }
        said=$(new migrate --changed-since "$copy") || said="what exactly cannot be read"
        if [ -n "$said" ] && [ "$1" = "unless it was used" ]; then
            start
            rm -f "$under_way"
            refuse "the new version is not well, and people have used it since it began ($(echo $said)). To go back would" \
                "take that from them, so it runs on. To go back all the same: $0 --back"
        fi
        new migrate --put-back "$copy"
    fi
    use_former
    start
    rm -f "$under_way"
    becomes_well || refuse "the former version is back, and is not well either: $compose logs node"
}

case "${1:-}" in
--back)
    [ -e .upgraded ] || refuse "there is no former version to go back to"
    read -r revision <.upgraded
    echo "$revision back" >"$under_way"
    go_back "whatever was said"
    rm -f .upgraded
    say "the former version runs again"
    exit
    ;;
esac

if [ -e "$under_way" ]; then
    say "an upgrade was cut off: going on with it"
    read -r revision direction <"$under_way"
else
    direction=forward
    running=$($compose ps -q node)
    [ -n "$running" ] || refuse "no node runs here: start it first ($compose up -d)"
    if ! said=$($compose exec -T node rtr backup </dev/null 2>&1); then
        case $said in
        *"rtr backup key"*) say "no backup is made, since there is no key for it (rtr backup key)" ;;
        *) refuse "$said. Nothing was changed" ;;
        esac
    fi
    docker tag "$(docker inspect --format '{{.Image}}' "$running")" runtalkrun:former
    $compose build --pull </dev/null || refuse "it could not be built, and nothing was changed"
    say "rehearsing on a copy of the database, while the node serves"
    # The lines that compose itself writes go elsewhere.
    revision=$(new migrate --rehearse) || { use_former; refuse "nothing was changed, and the former version serves on"; }
    echo "$revision forward" >"$under_way.new"
    mv "$under_way.new" "$under_way"
fi

if [ "$direction" = forward ]; then
    start
    if becomes_well; then
        echo "$revision" >.upgraded
        rm -f "$under_way"
        # What is in front of it may be a new one, too.
        $compose up -d --no-deps caddy </dev/null
        say "the new version runs. $0 --back goes back"
        exit
    fi
    echo "$revision back" >"$under_way"
fi
go_back "unless it was used"
refuse "the new version was not well, so the former one runs again, and nothing that anybody has said is lost:" \
    "$compose logs node"
