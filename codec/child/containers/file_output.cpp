#include "codec/child/containers/file_output.h"

#include <cerrno>

namespace framewire::codec {

int FileOutput::open(const char* muxer) {
  AVFormatContext* context = nullptr;
  if (const int failed = avformat_alloc_output_context2(&context, nullptr, muxer, ""); failed < 0)
    return failed;
  context_.reset(context);
  io_ = FileIo::writer(file_);
  if (!io_) return AVERROR(ENOMEM);
  context->pb = io_.get();
  context->flags |= AVFMT_FLAG_CUSTOM_IO;
  context->opaque = this;
  context->io_open = [](AVFormatContext* self, AVIOContext** io, const char*, int flags,
                        AVDictionary**) -> int {
    if ((flags & AVIO_FLAG_WRITE) != 0) return AVERROR(EPERM);
    *io = FileIo::reader(static_cast<FileOutput*>(self->opaque)->again_).release();
    return *io ? 0 : AVERROR(ENOMEM);
  };
  context->io_close2 = [](AVFormatContext*, AVIOContext* io) -> int {
    IoHandle closes{io};
    return 0;
  };
  return 0;
}

int FileOutput::finish() {
  if (const int failed = av_write_trailer(context_.get()); failed < 0) return failed;
  avio_flush(io_.get());
  return disk_error() == 0 ? 0 : AVERROR(disk_error());
}

}  // namespace framewire::codec
