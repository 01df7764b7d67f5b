#include "ingest/intake/make_cutter.h"

#include "ingest/bare/binary_cutter.h"
#include "ingest/bare/elementary_cutter.h"
#include "ingest/bare/wav_cutter.h"
#include "ingest/flv/flv_cutter.h"
#include "ingest/mp4/mp4_cutter.h"
#include "ingest/mpegts/mpegts_cutter.h"
#include "ingest/ogg/ogg_cutter.h"
#include "ingest/packets/packets_cutter.h"
#include "ingest/pictures/picture_cutter.h"
#include "ingest/pictures/rgba_cutter.h"
#include "ingest/webm/webm_cutter.h"

namespace framewire {

Result<std::unique_ptr<Cutter>> make_cutter(Format format, const CutterOptions& options,
                                            PartSink& sink) {
  switch (format) {
    case Format::webm:
      return make_webm_cutter(options, sink);
    case Format::mp4:
      return make_mp4_cutter(options, sink);
    case Format::mpegts:
      return make_mpegts_cutter(options, sink);
    case Format::flv:
      return make_flv_cutter(options, sink);
    case Format::ogg:
      return make_ogg_cutter(options, sink);
    case Format::rgba:
      return make_rgba_cutter(options, sink);
    case Format::png:
    case Format::jpeg:
    case Format::webp:
      return make_picture_cutter(format, options, sink);
    case Format::binary:
      return make_binary_cutter(options, sink);
    case Format::packets:
      return make_packets_cutter(options, sink);
    case Format::h264:
    case Format::hevc:
    case Format::aac:
    case Format::mp3:
      return make_elementary_cutter(format, options, sink);
    case Format::wav:
      return make_wav_cutter(options, sink);
  }
  return fail(Errc::internal, "a format without a cutter");
}

}  // namespace framewire
