// MPEG-TS (ISO/IEC 13818-1), one program; packets of 188 bytes, or in units of 192 (m2ts) or 204.
//
//   sync: bytes of no packet (a stream that begins inside one, or loses its sync) join the run as
//         they are, told once; a packet is believed where three sync bytes stand in a grid
//   init: the packets from the stream's start up to and with the first PMT, when only tables stand
//         before it; else a joiners_only init of PAT and PMT, and what was published is media
//   part: a run of whole packets. It ends at the end of a message, at a group start, and past
//         part_target_bytes. Tables that repeat stay where they are
//   group_start: a video PES packet with random_access_indicator, or whose first picture is an IDR
//         (H.264), an IRAP (HEVC), or has a sequence header (MPEG-1, MPEG-2); without video each
//         PES packet of audio. Tables right before it belong to it
//   pts:  of the newest PES packet begun, unwrapped
//   epoch: waits for the first SPS and ADTS header, so that codecs are known, for at most
//   init_bytes
//         and a second. A PMT that names other streams starts the next one, with a joiners_only
//         init
//
// Notes: ts-sync-lost; ts-packet-damaged: an adaptation field longer than its packet.
// Errc::malformed_media: no packet in junk_bytes.
// Errc::limit_exceeded: no PMT in init_bytes, more streams than tracks.
#pragma once
#include <memory>

#include "ingest/cut/cutter.h"

namespace framewire {

std::unique_ptr<Cutter> make_mpegts_cutter(const CutterOptions& options, PartSink& sink);

}  // namespace framewire
