#!/bin/sh
# Publishes a recorded file, as fast as the server takes it. (For a file in real time: ffmpeg -re -i FILE -c copy.)
# Usage: publish-curl.sh FILE http://localhost:8080/publish/NAME [KEY]
# FILE: a WebM, fragmented MP4, MPEG-TS or FLV; "-" reads a pipe.
set -eu
file=${1:?usage: $0 FILE http://localhost:8080/publish/NAME [KEY]}
url=${2:?usage: $0 FILE http://localhost:8080/publish/NAME [KEY]}
exec curl --fail-with-body --show-error --silent -T "$file" ${3:+-H "Authorization: Bearer $3"} "$url"
