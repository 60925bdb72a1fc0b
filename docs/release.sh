#!/bin/sh
# Brings a release into service: shares what all releases share, builds, moves the link, reloads.
#
#     release.sh releases/8
#
# To be run in the directory that holds `releases/`, by the user that runs the cluster. When something does not compile, or
# the cluster refuses it, the script ends with status 1 and `current` leads where it led. When no cluster runs, `current` leads
# to the release for the next start, and the status is 2.
set -eu
release=${1:?"which release? for example: release.sh releases/8"}
[ -d "$release" ] || { echo "release: there is no directory $release" >&2; exit 1; }
case $release in
/*) absolute=$release ;;
*) absolute=$PWD/$release ;;
esac

for directory in data log pids tmp; do
    mkdir -p "shared/$directory"
    # An empty one may have come with the project; one with files in it is for a person to look at.
    if [ -d "$release/$directory" ] && [ ! -L "$release/$directory" ]; then rmdir "$release/$directory"; fi
    ln -sfn "$PWD/shared/$directory" "$release/$directory"
done

PROJECT_ROOT=$absolute hero build

previous=$(readlink current || true)
# Moving a link into the place of another is one step; `ln -sfn` alone is two.
point() { ln -sfn "$1" current.new && mv -T current.new current; }
PROJECT_ROOT=$PWD/current
export PROJECT_ROOT
is_running=true
case $(hero cluster status 2>&1 || true) in
*"ermission denied"*) ;;
*"no cluster runs in"*) is_running=false ;;
esac
point "$release"

if [ -z "$previous" ]; then
    echo "release: $release is the first; start the cluster with PROJECT_ROOT=$PROJECT_ROOT"
elif ! $is_running; then
    echo "release: no cluster runs here; current leads to $release, start the cluster to bring it into service" >&2
    exit 2
elif ! hero cluster reload --wait; then
    point "$previous"
    echo "release: $release was refused; current leads to $previous again" >&2
    exit 1
fi
