#!/bin/sh
# Publishes a test picture with a tone from FFmpeg, as WebM over one HTTP POST.
# Usage: publish-ffmpeg.sh http://localhost:8080/publish/NAME [KEY]
# A keyframe a second, so that viewers may join each second.
set -eu
url=${1:?usage: $0 http://localhost:8080/publish/NAME [KEY]}
exec ffmpeg -hide_banner -loglevel warning -re \
  -f lavfi -i testsrc2=size=640x360:rate=30 -f lavfi -i sine=frequency=440:sample_rate=48000 \
  -c:v libvpx -deadline realtime -cpu-used 8 -b:v 1M -g 30 -c:a libopus -b:a 64k \
  ${2:+-headers "Authorization: Bearer $2"} \
  -f webm -live 1 -method POST -content_type video/webm "$url"
