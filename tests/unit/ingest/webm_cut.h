// A WebM stream through the cutter, in one call.
#pragma once
#include <string>
#include <string_view>

#include "cut_helpers.h"
#include "ingest/webm/webm_cutter.h"
#include "webm_builder.h"

namespace framewire::test {

struct WebmCut {
  Result<void> result;
  RecordingSink sink;
};

inline WebmCut cut_webm(std::string_view stream, std::size_t piece = 0,
                        const CutterOptions& options = {}) {
  WebmCut cut;
  const auto cutter = make_webm_cutter(options, cut.sink);
  cut.result = feed_in(*cutter, as_bytes(stream), piece);
  if (cut.result) cut.result = cutter->finish();
  return cut;
}

inline std::string payloads(const RecordingSink& sink, Rendition rendition) {
  const Buffer all = sink.joined(rendition);
  return std::string(as_text(all));
}

inline const std::string& webm_header() {
  static const std::string kBytes = header_of(kVp8Track + kOpusTrack);
  return kBytes;
}

}  // namespace framewire::test
