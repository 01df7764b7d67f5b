#!/usr/bin/env bash
# FFmpeg 5.1.9: pictures decoded by libvpx and libvpx-vp9 all say that they are keyframes, without a picture type.
#
# FFmpeg's own vp8 and vp9 decoders mark the frames of keyframes and no others, and know I from P. The wrappers of libvpx,
# which one takes for VP8 and VP9 with transparency (FFmpeg's own leave it out), set neither, and a frame is a key one until
# somebody says otherwise. Who encodes anew and keeps the source's keyframes gets each picture as a keyframe; the packets
# (AV_PKT_FLAG_KEY) tell the truth.
. "$(dirname "$(readlink -f "$0")")/lib.sh"
with_needs ffmpeg=7:5.1.9-0+deb12u1

marked() { ffmpeg -hide_banner -c:v "$2" -i "$1" -vf showinfo -f null - 2>&1 | grep -oE "iskey:[01] type:." | sort | uniq -c | tr -s " \n" " "; }
source=(-f lavfi -i testsrc2=s=160x90:r=25 -t 2 -g 25)
ffmpeg -v error "${source[@]}" -c:v libvpx vp8.webm
ffmpeg -v error "${source[@]}" -c:v libvpx-vp9 -deadline realtime vp9.webm
for codec in vp8 vp9; do
  wrapper=libvpx
  [ $codec = vp8 ] || wrapper=libvpx-vp9
  expect "$codec decoded by FFmpeg" " 48 iskey:0 type:P 2 iskey:1 type:I " "$(marked $codec.webm $codec)"
  expect "$codec decoded by $wrapper" " 50 iskey:1 type:? " "$(marked $codec.webm $wrapper)"
done
