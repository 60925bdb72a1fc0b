#!/bin/sh
# Brings what the branch holds into service: pull, build, reload.
#
#     git-deploy.sh [DIRECTORY]
#
# DIRECTORY is the clone in which the cluster runs; the working directory when it is not given. To be run by the user that
# runs the cluster. When something does not compile, or the cluster refuses it, the script ends with status 1, the running
# code has not been touched, and the files are again those of the commit that runs: a restart would not bring up anything
# else. When no cluster runs, what the branch holds is built for the next start, and the status is 2.
set -eu
cd "${1:-.}"
PROJECT_ROOT=$PWD
export PROJECT_ROOT

# Two at once would build into one another. The programs that are started here hold the lock, too: what a script that was
# killed has left behind is still building.
mkdir -p tmp
exec 9>tmp/git-deploy.lock
flock -n 9 || {
    echo "git-deploy: another deploy is under way, or the build or reload of one that was killed (fuser -v tmp/git-deploy.lock)" >&2
    exit 1
}

# Whether a cluster runs; ends the script when that cannot be known.
look() {
    if answer=$(hero cluster status 2>&1); then return 0; fi
    case $answer in
    *"ermission denied"*) ;;
    *"no cluster runs in"*) return 1 ;;
    esac
    echo "git-deploy: $answer" >&2
    echo "git-deploy: nothing has been deployed" >&2
    exit 1
}
is_running=true
look || is_running=false

# Which commit runs, whatever has become of a deploy in between: written only when the cluster has taken it.
running=tmp/git-deploy.commit
before=$(cat "$running" 2>/dev/null || true)
before=$(git rev-parse --quiet --verify "$before^{commit}" || git rev-parse HEAD)
give_up() {
    trap '' HUP INT TERM
    echo "git-deploy: $1; back to $(git log -1 --format='%h %s' "$before")" >&2
    # --keep refuses to go over files that were changed on this machine.
    git reset --quiet --keep "$before"
    hero build --prune || true
    exit 1
}
trap 'give_up "interrupted"' HUP INT TERM

git pull --quiet --ff-only
# --prune: the bundle of a source that the branch has no more would be loaded for ever.
hero build --prune || give_up "the build has failed"
# A database is migrated here, by a command of the project.

note() {
    git rev-parse HEAD >"$running.new"
    mv "$running.new" "$running"
    git log -1 --format='git-deploy: %h %s'
}

# What the cluster has been asked for it does, and what comes of it is to be known.
trap '' HUP INT TERM
if ! $is_running; then
    note
    echo "git-deploy: no cluster runs here; this is built, start the cluster to bring it into service" >&2
    exit 2
fi
hero cluster reload --wait || {
    case $(hero cluster status 2>&1 || true) in
    *"no cluster runs in"*) give_up "the cluster has ended meanwhile" ;;
    *) give_up "the cluster has refused it" ;;
    esac
}
note
