#!/usr/bin/env bash
# GStreamer 1.22 (Debian 12): with B-frames `flvmux` gives the first pictures one and the same decode time, 0.
#
# x264enc with two B-frames between others gives the first pictures decode times before 0. FLV has no negative times; FFmpeg's
# writer shifts all times by the least of them, and one expects that: decode times that grow by a frame each.
# GStreamer clamps at 0: the first three tags all say 0, then the times go on by 33 ms, and the composition offsets are made
# to fit. Presentation times are right. Who takes a tag's time for increasing, or its distance to the next for a duration,
# gets frames of no length at the start of each such stream.
# To do: let equal decode times pass, and take durations from presentation times.
. "$(dirname "$(readlink -f "$0")")/lib.sh"
with_needs gstreamer1.0-tools=1.22.0-2+deb12u1 gstreamer1.0-plugins-base=1.22.0-3+deb12u7 \
  gstreamer1.0-plugins-good=1.22.0-5+deb12u4 gstreamer1.0-plugins-ugly=1.22.0-2+deb12u2 gstreamer1.0-plugins-bad=1.22.0-4+deb12u8 ffmpeg=7:5.1.9-0+deb12u1

gst-launch-1.0 -q videotestsrc num-buffers=30 ! video/x-raw,format=I420,width=160,height=96,framerate=30/1 ! \
  x264enc bframes=2 b-adapt=false key-int-max=15 ! h264parse ! flvmux streamable=true ! filesink location=live.flv
# The video tags that hold pictures: time (ms) and composition offset.
cat > times.py <<'P'
import sys
data, at, found = open(sys.argv[1], "rb").read(), 13, []
while at + 11 <= len(data):
    kind, size = data[at] & 31, int.from_bytes(data[at + 1:at + 4], "big")
    time = int.from_bytes(data[at + 4:at + 7], "big") | data[at + 7] << 24
    if kind == 9 and data[at + 12] == 1: found.append((time, time + int.from_bytes(data[at + 13:at + 16], "big", signed=True)))
    at += 11 + size + 4
print("decoded at %s, shown at %s" % (" ".join(str(d) for d, _ in found[:6]), " ".join(str(p) for _, p in found[:6])))
P
ffmpeg -v error -f lavfi -i testsrc2=s=160x96:r=30 -t 1 -c:v libx264 -bf 2 -b_strategy 0 -g 15 ffmpeg.flv
expect "GStreamer's first six pictures (ms)" "decoded at 0 0 0 33 66 100, shown at 0 100 33 66 200 133" "$(python3 times.py live.flv)"
expect "FFmpeg's" "decoded at 0 34 67 100 134 167, shown at 67 167 100 134 267 200" "$(python3 times.py ffmpeg.flv)"
