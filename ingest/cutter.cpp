#include "ingest/cutter.h"

#include "ingest/binary_cutter.h"
#include "ingest/flv_cutter.h"
#include "ingest/mp4_cutter.h"
#include "ingest/mpegts_cutter.h"
#include "ingest/ogg_cutter.h"
#include "ingest/packets_cutter.h"
#include "ingest/picture_cutter.h"
#include "ingest/rgba_cutter.h"
#include "ingest/webm_cutter.h"

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
  }
  return fail(Errc::internal, "a format without a cutter");
}

}  // namespace framewire
