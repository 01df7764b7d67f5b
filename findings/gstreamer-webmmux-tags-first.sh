#!/usr/bin/env bash
# GStreamer 1.22 (Debian 12): a live WebM of `webmmux streamable=true` begins with Tags, before Info and Tracks.
#
# The order of a Segment's children is free in Matroska, yet every other live writer (libwebm, FFmpeg, the browsers) writes
# Info, Tracks, then Clusters, and readers of live streams take "what comes before the first Cluster, Info first" for the
# header. Whoever recognises a WebM by its second element, or limits what may stand before Tracks, refuses GStreamer.
. "$(dirname "$(readlink -f "$0")")/lib.sh"
with_needs gstreamer1.0-tools=1.22.0-2+deb12u1 gstreamer1.0-plugins-base=1.22.0-3+deb12u7 gstreamer1.0-plugins-good=1.22.0-5+deb12u4

gst-launch-1.0 -q videotestsrc num-buffers=30 ! video/x-raw,width=160,height=90,framerate=30/1 ! vp8enc deadline=1 ! \
  taginject tags="title=\"Camera\"" ! \
  webmmux streamable=true ! filesink location=live.webm
# The first three children of the Segment: ids at their place, walked by their sizes.
seen=$(python3 - <<'P'
data = open("live.webm", "rb").read()
names = {0x1549A966: "Info", 0x1654AE6B: "Tracks", 0x1254C367: "Tags", 0x1F43B675: "Cluster", 0x114D9B74: "SeekHead", 0xEC: "Void"}
def number(at, keep):
    width = 1
    while not data[at] & (0x80 >> (width - 1)): width += 1
    value = int.from_bytes(data[at:at + width], "big")
    return (value if keep else value & ((1 << 7 * width) - 1)), at + width
at, found = 0, []
_, at = number(at, True); size, at = number(at, False); at += size            # EBML
_, at = number(at, True); _, at = number(at, False)                            # Segment
while at < len(data) and len(found) < 4:
    ident, at = number(at, True); size, at = number(at, False)
    found.append(names.get(ident, hex(ident)))
    if found[-1] == "Cluster": break
    at += size
print(" ".join(found))
P
)
expect "children of the Segment" "Tags Info Tracks Cluster" "$seen"
