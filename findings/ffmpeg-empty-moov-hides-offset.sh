#!/usr/bin/env bash
# FFmpeg 5.1.9: with `-movflags empty_moov` the start offset between sound and pictures is hidden in a sample's duration.
#
# H.264 with two B-frames and AAC, cut into fragments. Sound begins 21 ms before the first picture (AAC's priming), and
# pictures are shown two frames after they are decoded. There is no edit list with an empty moov, so one expects tfdt (the
# decode time of a fragment's first sample) to carry the difference. Both tracks say 0, the pictures are shown from 0.080 on,
# and the first sound sample, of 1,024 at 48 kHz, lasts 80 ms instead of 21: the tracks are right relative to each other only
# from the second sample of sound on. Who numbers packets from the first one, or sums up durations by the codec, is 59 ms off.
# The same without `empty_moov` has the offset where one looks for it: in an edit list.
. "$(dirname "$(readlink -f "$0")")/lib.sh"
with_needs ffmpeg=7:5.1.9-0+deb12u1

encode=(-f lavfi -i testsrc2=s=160x90:r=25 -f lavfi -i sine=1000:r=48000 -t 2 -c:v libx264 -bf 2 -g 25 -c:a aac)
ffmpeg -v error "${encode[@]}" -f mp4 -movflags empty_moov+default_base_moof+frag_keyframe live.mp4
ffmpeg -v error "${encode[@]}" -f mp4 file.mp4
first() { ffprobe -v error -select_streams "$2" -show_entries packet=pts_time -of csv=p=0 "$1" | grep -oE "^-?[0-9.]+" | head -n "$3" | tr "\n" " "; }
expect "fragmented: the first picture" "0.080000 " "$(first live.mp4 v 1)"
expect "fragmented: the first three sounds" "0.000000 0.080000 0.101333 " "$(first live.mp4 a 3)"
expect "as a file: the first picture" "0.000000 " "$(first file.mp4 v 1)"
expect "as a file: the first three sounds" "-0.021333 0.000000 0.021333 " "$(first file.mp4 a 3)"
