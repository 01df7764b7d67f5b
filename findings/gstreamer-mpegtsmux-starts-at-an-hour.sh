#!/usr/bin/env bash
# GStreamer 1.22 (Debian 12): the first picture of `mpegtsmux` has the time of one hour, not of 0 or a second.
#
# The 33 bits of a PTS wrap after 26.5 hours, wherever they begin; FFmpeg begins at 1.4 s, and one
# expects something like it. GStreamer's times begin at 3,600 s. Who shows a stream's
# own time, or takes "long since 0" for "the camera has run an hour, and I joined late", is wrong by that hour, and the
# wrap comes an hour before one expects it.
# To do: count from the first time that came; a wrap is a wrap wherever it comes.
. "$(dirname "$(readlink -f "$0")")/lib.sh"
with_needs gstreamer1.0-tools=1.22.0-2+deb12u1 gstreamer1.0-plugins-base=1.22.0-3+deb12u7 ffmpeg=7:5.1.9-0+deb12u1 \
  gstreamer1.0-plugins-good=1.22.0-5+deb12u4 gstreamer1.0-plugins-ugly=1.22.0-2+deb12u2 gstreamer1.0-plugins-bad=1.22.0-4+deb12u8

gst-launch-1.0 -q videotestsrc num-buffers=30 ! video/x-raw,format=I420,width=160,height=96,framerate=30/1 ! \
  x264enc tune=zerolatency ! h264parse ! mpegtsmux ! filesink location=live.ts
first() { ffprobe -v error -show_entries packet=pts_time -of csv=p=0 "$1" | grep -oE "^[0-9.]+" | head -n 1; }
ffmpeg -v error -f lavfi -i testsrc2=s=160x96:r=30 -t 1 -c:v libx264 -bf 0 ffmpeg.ts
expect "GStreamer's first picture (s)" 3600.000000 "$(first live.ts)"
expect "FFmpeg's" 1.400000 "$(first ffmpeg.ts)"
