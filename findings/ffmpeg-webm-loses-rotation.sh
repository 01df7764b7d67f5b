#!/usr/bin/env bash
# FFmpeg 5.1.9: a copy to WebM or Matroska loses a film's rotation without a word; a copy to MP4 keeps it.
#
# A telephone's film is stored lying down, with a display matrix that turns it. `-c copy` from MP4 to MP4 keeps the matrix. For
# Matroska there is ProjectionPoseRoll (RFC 9559), and FFmpeg's own writer has the Projection element for spherical films, so
# one expects the rotation there, or a warning. Neither: the copy lies on its side. Encoded anew it stands upright, for FFmpeg
# turns the pictures themselves.
# To do: compare the side data of source and copy; turn the pictures where the container has no rotation.
. "$(dirname "$(readlink -f "$0")")/lib.sh"
with_needs ffmpeg=7:5.1.9-0+deb12u1

ffmpeg -v error -f lavfi -i testsrc2=s=160x96:r=25 -t 1 -c:v libvpx-vp9 -deadline realtime lying.mp4
ffmpeg -v error -i lying.mp4 -c copy -metadata:s:v:0 rotate=90 telephone.mp4
for name in mp4 webm mkv; do ffmpeg -v warning -i telephone.mp4 -c copy copy.$name 2>>warnings.txt; done
ffmpeg -v error -i telephone.mp4 -c:v libvpx-vp9 -deadline realtime anew.webm
about() { ffprobe -v error -select_streams v -show_entries stream=width,height:stream_side_data=rotation -of csv=p=0 "$1" | tr -d "\n"; }
expect "source (size, rotation)" "160,96,90" "$(about telephone.mp4)"
expect "copied to MP4" "160,96,90" "$(about copy.mp4)"
for name in webm mkv; do
  expect "copied to $name" "160,96" "$(about copy.$name)"
  expect "ProjectionPoseRoll (id 7675) in its header" "no" "$(head -c 600 copy.$name | grep -qaP "\x76\x75" && echo yes || echo no)"
done
expect "encoded anew" "96,160" "$(about anew.webm)"
expect "warnings" "" "$(cat warnings.txt)"
