#!/usr/bin/env bash
# FFmpeg 5.1.9: JPEGs and PNGs down a pipe come out one late: the last one waits until the next begins or the pipe is closed.
#
# A JPEG ends with EOI and a PNG with IEND, so one expects a picture to leave `-f image2pipe` (or `-f mjpeg`) when its last
# byte is there, with the smallest probesize at least. Of six pictures five come out, and the sixth when the pipe is closed. A
# camera of one picture a minute is a minute late, and a slide show never shows its last slide. In `-f mpjpeg` (multipart parts
# with Content-Length) the same JPEGs all come out at once.
# To do: wrap live pictures in multipart parts, or write each twice.
. "$(dirname "$(readlink -f "$0")")/lib.sh"
with_needs ffmpeg=7:5.1.9-0+deb12u1

for kind in jpg png; do ffmpeg -v error -f lavfi -i testsrc2=s=160x96:r=25 -frames:v 6 p%d.$kind; done
cat > feed.py <<'P'
import os, subprocess, sys, time
def lines():
    try: return sum(1 for line in open("out.txt") if not line.startswith("#"))
    except FileNotFoundError: return 0
# How many of six pictures came out while the pipe is still open, and how many when it was closed.
source = sys.argv[1:]
kind = "png" if "png" in source else "jpg"
child = subprocess.Popen(["ffmpeg", "-y", "-v", "error", *source, "-i", "-", "-c", "copy", "-flush_packets", "1", "-f", "framecrc", "out.txt"], stdin=subprocess.PIPE)
for n in range(1, 7):
    picture = open("p%d.%s" % (n, kind), "rb").read()
    if "mpjpeg" in source: picture = b"--part\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n" % len(picture) + picture + b"\r\n"
    child.stdin.write(picture); child.stdin.flush()
    if n == 3: time.sleep(1)
deadline = time.time() + 60
while lines() < 5 and time.time() < deadline: time.sleep(0.1)    # until the first five are there
time.sleep(5)                                                    # and time for the sixth
still = lines()
child.stdin.close(); child.wait()
print("%d, at the end %d" % (still, lines()))
P
out() { rm -f out.txt; python3 feed.py -probesize 32 -analyzeduration 0 "$@"; }
a=$(out -f image2pipe -c:v mjpeg); b=$(out -f mjpeg); c=$(out -f image2pipe -c:v png); d=$(out -f mpjpeg)
expect "six JPEGs by image2pipe, pipe open" "5, at the end 6" "$a"
expect "six JPEGs by mjpeg" "5, at the end 6" "$b"
expect "six PNGs by image2pipe" "5, at the end 6" "$c"
expect "six JPEGs by mpjpeg" "6, at the end 6" "$d"
