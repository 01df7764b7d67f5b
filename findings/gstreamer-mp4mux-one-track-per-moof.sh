#!/usr/bin/env bash
# GStreamer 1.22 (Debian 12): `mp4mux streamable=true` writes a moof for each track, without default-base-is-moof.
#
# FFmpeg, Chromium and every CMAF packager put all tracks of a fragment in one moof and set default-base-is-moof (0x020000)
# in tfhd, which the byte stream format of Media Source Extensions asks for ("movie-fragment relative addressing").
# GStreamer sets neither that flag nor an explicit base (0x000001): the base is then the moof for its first track only
# (ISO/IEC 14496-12, 8.8.7), which is right here because no moof has a second one. Whoever waits for a fragment with all
# tracks waits for ever, and whoever joins two such moofs into one must write offsets anew.
. "$(dirname "$(readlink -f "$0")")/lib.sh"
with_needs gstreamer1.0-tools=1.22.0-2+deb12u1 gstreamer1.0-plugins-base=1.22.0-3+deb12u7 \
  gstreamer1.0-plugins-good=1.22.0-5+deb12u4 gstreamer1.0-plugins-ugly=1.22.0-2+deb12u2 gstreamer1.0-libav=1.22.0-2 gstreamer1.0-plugins-bad=1.22.0-4+deb12u8

gst-launch-1.0 -q mp4mux name=m streamable=true fragment-duration=500 ! filesink location=live.mp4 \
  videotestsrc num-buffers=60 ! video/x-raw,format=I420,width=160,height=90,framerate=30/1 ! x264enc key-int-max=15 ! h264parse ! m. \
  audiotestsrc num-buffers=90 samplesperbuffer=1024 ! audio/x-raw,rate=48000 ! avenc_aac ! aacparse ! m.
seen=$(python3 - <<'P'
import struct
data = open("live.mp4", "rb").read()
def boxes(begin, end):
    while begin + 8 <= end:
        size, kind = struct.unpack(">I4s", data[begin:begin + 8])
        head = 8
        if size == 1: size, head = struct.unpack(">Q", data[begin + 8:begin + 16])[0], 16
        if size == 0: size = end - begin
        yield kind, begin + head, begin + size
        begin += size
moofs = one = moof_base = absolute = 0
for kind, begin, end in boxes(0, len(data)):
    if kind != b"moof": continue
    trafs = [(b, e) for k, b, e in boxes(begin, end) if k == b"traf"]
    moofs += 1; one += len(trafs) == 1
    for b, e in trafs:
        for k, x, _ in boxes(b, e):
            if k == b"tfhd":
                flags = int.from_bytes(data[x + 1:x + 4], "big")
                moof_base += bool(flags & 0x20000); absolute += bool(flags & 1)
print("moofs=%s one-track=%s default-base-is-moof=%d absolute=%s" % ("several" if moofs > 3 else moofs, "all" if one == moofs else one, moof_base, absolute))
P
)
expect "fragments" "moofs=several one-track=all default-base-is-moof=0 absolute=0" "$seen"
