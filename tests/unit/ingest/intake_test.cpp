// What a publisher may wrap its stream in, and streams without a container.
#include "ingest/intake/intake.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <algorithm>
#include <string>
#include <vector>

#include "ingest/codecs/access_units.h"
#include "ingest/webm/webm_cutter.h"
#include "tests/unit/ingest/cut_helpers.h"

namespace framewire::test {
namespace {

using namespace std::string_literals;

struct NotingSink : RecordingSink {
  void on_note(const CutNote& note) override {
    notes.push_back(note.code);
    said.push_back(note.what);
  }
  std::vector<std::string> notes, said;
};

std::string gzip(const std::string& text) {
  z_stream stream{};
  deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, 16 + MAX_WBITS, 9, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&stream, text.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

std::string fixture(const std::string& name) {
  return std::string(as_text(load_fixture(name)));
}

struct Taken {
  Result<void> result;
  NotingSink sink;
};
Taken take(const std::string& bytes, std::size_t size, std::optional<Format> format = {},
           bool messages = false) {
  Taken taken;
  IntakeOptions options;
  options.format = format;
  options.messages = messages;
  options.cutter.limits.tracks = 8;
  Intake intake(options, taken.sink);
  Bytes left = as_bytes(bytes);
  while (taken.result && !left.empty()) {
    const std::size_t piece = size == 0 ? left.size() : std::min(size, left.size());
    taken.result = intake.feed(left.first(piece));
    left = left.subspan(piece);
  }
  if (taken.result) taken.result = intake.finish();
  return taken;
}

const std::string kJpeg = fixture("frames/f00.jpg");

std::string mpjpeg(int pictures) {  // as `ffmpeg -f mpjpeg` writes it
  std::string body = "--ffmpeg\r\n";
  for (int i = 0; i < pictures; ++i)
    body += "Content-type: image/jpeg\r\nContent-length: " + std::to_string(kJpeg.size()) +
            "\r\n\r\n" + kJpeg + "\r\n--ffmpeg\r\n";
  return body;
}
const std::string kTwo = kJpeg + kJpeg;
// Headers of its own before those of the kind; a length that is too small by so much.
std::string camera(const std::string& eol, bool length, const std::string& behind,
                   std::size_t less = 0) {
  std::string body;
  for (int i = 0; i < 2; ++i)
    body += "--cam" + eol + "X-Timestamp: 12.5" + eol + "Content-Type: image/jpeg" + eol +
            (length ? "Content-Length: " + std::to_string(kJpeg.size() - less) + eol : "") + eol +
            kJpeg + behind;
  return body + "--cam--" + eol;
}
std::string form(const std::string& file) {  // as `curl -F title=x -F file=@...` sends it
  const std::string boundary = "--------------------------4ebf00fbcf09";
  return boundary + "\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\nnot media\r\n" +
         boundary +
         "\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.webm\"\r\n"
         "Content-Type: video/webm\r\n\r\n" +
         file + "\r\n" + boundary + "--\r\n";
}

struct Case {
  std::string name;
  std::string bytes;
  Format format;
  std::string origin;
};

TEST(Intake, UnwrapsWhatAStreamComesIn) {
  const std::string webm = fixture("firefox-vp8-canvas.webm");
  const std::string ts = fixture("../made/avc1-aac.ts");
  const std::vector<Case> cases = {
      {"bare", webm, Format::webm, webm},
      {"gzip", gzip(ts), Format::mpegts, ts},
      {"gzip, two members", gzip(ts.substr(0, 1880)) + gzip(ts.substr(1880)), Format::mpegts, ts},
      {"gzip, zeros behind", gzip(ts) + std::string(300, '\0'), Format::mpegts, ts},
      {"a form", form(webm), Format::webm, webm},
      {"a form with gzip in it", form(gzip(webm)), Format::webm, webm},
      {"x-mixed-replace", mpjpeg(3), Format::jpeg, kJpeg + kJpeg + kJpeg},
      {"x-mixed-replace behind an empty line", "\r\n" + mpjpeg(2), Format::jpeg, kJpeg + kJpeg},
      {"x-mixed-replace as cameras write it", camera("\r\n", true, "\r\n"), Format::jpeg, kTwo},
      {"x-mixed-replace, lines end with LF", camera("\n", true, "\n"), Format::jpeg, kTwo},
      {"x-mixed-replace, no length, LF", camera("\n", false, "\n"), Format::jpeg, kTwo},
      {"x-mixed-replace, nothing behind a picture", camera("\r\n", true, ""), Format::jpeg, kTwo},
      {"x-mixed-replace, two lines behind", camera("\r\n", true, "\r\n\r\n"), Format::jpeg, kTwo},
      {"x-mixed-replace, wrong lengths", camera("\r\n", true, "\r\n", 5), Format::jpeg, kTwo},
      {"x-mixed-replace in gzip", gzip(mpjpeg(2)), Format::jpeg, kJpeg + kJpeg},
  };
  for (const Case& c : cases) {
    for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{1000}}) {
      const Taken taken = take(c.bytes, size);
      ASSERT_TRUE(taken.result) << c.name << ": " << taken.result.error().what;
      ASSERT_FALSE(taken.sink.epochs.empty()) << c.name;
      EXPECT_EQ(taken.sink.epochs[0].format, c.format) << c.name;
      EXPECT_TRUE(as_text(taken.sink.joined()) == c.origin) << c.name << " in pieces of " << size;
    }
  }
}

TEST(Intake, APictureGoesOutWithItsLastByteInAMultipartBody) {
  RecordingSink sink;
  Intake intake({}, sink);
  const std::string body = mpjpeg(2);
  const std::size_t first = body.find(kJpeg) + kJpeg.size();
  ASSERT_TRUE(intake.feed(as_bytes(body.substr(0, first))));
  EXPECT_EQ(sink.parts.size(), 1u);
}

TEST(Intake, OpaqueBytesAreNotUnwrapped) {
  const std::string zipped = gzip("some text");
  const Taken taken = take(zipped, 0, Format::binary);
  ASSERT_TRUE(taken.result);
  EXPECT_EQ(as_text(taken.sink.joined()), zipped);
}

TEST(Intake, MessagesOfNoFormatKeepTheirBoundaries) {
  RecordingSink sink;
  IntakeOptions options;
  options.messages = true;
  Intake intake(options, sink);
  for (const char* message : {"short", "hello, world", "more"})
    ASSERT_TRUE(intake.feed(as_bytes(message)));
  ASSERT_EQ(sink.parts.size(), 3u);
  EXPECT_EQ(as_text(sink.parts[0].payload), "short");
}

TEST(Intake, TellsWhatIsOfNoFormatThatIsTaken) {
  const std::string avi = "RIFF\x10\0\0\0AVI LIST and so on"s, text = "no film at all";
  struct Told {
    const char* name;
    std::string bytes;
    bool messages;
    std::optional<Format> said;
    const char* told;  // null: nothing
  };
  const std::vector<Told> cases = {
      {"AVI, a body", avi, false, {}, "AVI is passed on as it is"},
      {"AVI, a message", avi, true, {}, "AVI is passed on as it is"},
      {"a program stream",
       "\0\0\1\xba and so on, as capture cards send it"s,
       false,
       {},
       "an MPEG program stream is passed on"},
      {"text, a body", text, false, {}, "a stream of no known format is passed on"},
      {"text, a message", text, true, {}, nullptr},
      {"text, said to be any bytes", text, false, Format::binary, nullptr},
      {"a picture", kJpeg, false, {}, nullptr},
  };
  for (const Told& c : cases) {
    const Taken taken = take(c.bytes, 0, c.said, c.messages);
    ASSERT_TRUE(taken.result) << c.name;
    EXPECT_TRUE(as_text(taken.sink.joined()) == c.bytes) << c.name;
    ASSERT_EQ(taken.sink.said.size(), c.told ? 1u : 0u) << c.name;
    if (c.told) {
      EXPECT_EQ(taken.sink.said[0].substr(0, std::string(c.told).size()), c.told);
    }
  }
}

TEST(Intake, RefusesBrokenWrappings) {
  std::string broken = gzip(fixture("../made/avc1-aac.ts"));
  for (std::size_t i = 100; i < 140; ++i) broken[i] = static_cast<char>(~broken[i]);
  EXPECT_EQ(take(broken, 0).result.error().code, Errc::malformed_media);
  EXPECT_EQ(take(gzip(std::string(64u << 20, 'x')), 4096).result.error().code,
            Errc::limit_exceeded);
  EXPECT_EQ(take("--b\r\nContent-Type: a\r\n" + std::string(9000, 'x'), 0).result.error().code,
            Errc::limit_exceeded);
  const std::string cut_off = gzip(fixture("../made/avc1-aac.ts"));
  EXPECT_EQ(take(cut_off.substr(0, cut_off.size() / 2), 0).result.error().code,
            Errc::malformed_media);
}

std::string adts(std::size_t bytes, char fill) {  // LC, 48 kHz, stereo
  return "\xff\xf1\x4c"s + static_cast<char>(0x80 | bytes >> 11) + static_cast<char>(bytes >> 3) +
         static_cast<char>((bytes & 7) << 5 | 0x1f) + "\xfc" + std::string(bytes - 7, fill);
}
std::string mp3(char fill) {  // 128 kbit/s, 44.1 kHz
  return "\xff\xfb\x90\x64" + std::string(413, fill);
}
const std::string kSps = "\0\0\0\x01\x67\x42\xc0\x1f\xda"s, kPps = "\0\0\0\x01\x68\xce"s;
// first_mb_in_slice 0 (1), slice_type 7 (0001000): I; 5 (00110): P
const std::string kIdr = "\0\0\x01\x65\x88slice data"s, kSlice = "\0\0\x01\x41\x9aslice data"s;
const std::string kSecondSlice = "\0\0\x01\x41\x7bmore of it"s;

TEST(Elementary, IsPutIntoMpegTs) {
  std::string sound, tagged = "ID3\x04\0\0\0\0\0\x10"s + std::string(16, 't');
  const std::string large = "ID3\x04\0\0\0\x04\0\0"s + std::string(4 << 14, 't');
  for (int i = 0; i < 100; ++i) {
    sound += adts(200, 'a');
    tagged += mp3('m');
  }
  std::string video, hevc;
  for (int i = 0; i < 50; ++i) video += i % 25 == 0 ? kSps + kPps + kIdr : kSlice + kSecondSlice;
  for (int i = 0; i < 50; ++i)
    hevc += i % 25 == 0 ? "\0\0\0\x01\x40\x01vps\0\0\x01\x26\x01\x80picture"s
                        : "\0\0\x01\x02\x01\x80picture"s;
  struct Elementary {
    std::string name, bytes;
    Format format;
    std::size_t units;
    std::int64_t last_us;
    std::vector<std::string> notes;
  };
  const std::vector<Elementary> cases = {
      {"AAC", sound, Format::aac, 100, 99 * 1'024'000'000LL / 48'000, {}},
      {"AAC behind a large tag",
       large + sound,
       Format::aac,
       100,
       99 * 1'024'000'000LL / 48'000,
       {}},
      {"MP3 behind ID3", tagged, Format::mp3, 100, 99 * 1'152'000'000LL / 44'100, {}},
      {"H.264", video, Format::h264, 2, 25 * 40'000, {"raw-video-rate"}},
      {"HEVC", hevc, Format::hevc, 2, 25 * 40'000, {"raw-video-rate"}},
  };
  for (const Elementary& c : cases) {
    for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{333}}) {
      const Taken taken = take(c.bytes, size);
      ASSERT_TRUE(taken.result) << c.name << ": " << taken.result.error().what;
      EXPECT_EQ(taken.sink.epochs[0].format, Format::mpegts) << c.name;
      EXPECT_EQ(taken.sink.notes, c.notes) << c.name;
      const auto groups = taken.sink.group_starts();
      ASSERT_EQ(groups.size(), c.units) << c.name << " in pieces of " << size;
      const auto first = taken.sink.parts[groups.front().part].facts.pts_us;
      const auto last = taken.sink.parts[groups.back().part].facts.pts_us;
      EXPECT_NEAR(static_cast<double>(last - first), static_cast<double>(c.last_us), 20) << c.name;
    }
  }
}

TEST(Elementary, SaysARateAndRefusesWhatIsNone) {
  const Taken taken = take(kSps + kPps + kIdr + kSlice, 0, Format::h264);
  EXPECT_EQ(taken.sink.notes, (std::vector<std::string>{"raw-video-rate"}));
  EXPECT_EQ(take(std::string(70'000, 'x'), 0, Format::aac).result.error().code,
            Errc::malformed_media);
}

TEST(AccessUnits, EndWhereTheNextBegins) {
  const std::string first = kSps + kPps + kIdr, second = kSlice + kSecondSlice;
  const std::string bytes = first + second + kSlice;
  AccessUnits units(Format::h264);
  EXPECT_EQ(units.scan(as_bytes(bytes)), first.size());
  EXPECT_TRUE(units.keyframe());
  units.reset();
  EXPECT_EQ(units.scan(as_bytes(bytes).subspan(first.size())), second.size());
  EXPECT_FALSE(units.keyframe());
  EXPECT_FALSE(units.bidirectional());
  units.reset();
  const std::string b = "\0\0\x01\x01\x9e"s + std::string(4, 'x');  // slice_type 6: B
  EXPECT_EQ(units.scan(as_bytes(b)), 0u);
  EXPECT_TRUE(units.bidirectional());
}

std::string le(std::int64_t value, int bytes) {
  std::string text;
  for (; bytes-- > 0; value >>= 8) text += static_cast<char>(value & 0xff);
  return text;
}
std::string wav(int coding, int channels, int rate, int bits, const std::string& samples) {
  const int frame = channels * bits / 8;
  return "RIFF" + le(0xffffffff, 4) + "WAVEfmt " + le(16, 4) + le(coding, 2) + le(channels, 2) +
         le(rate, 4) + le(rate * frame, 4) + le(frame, 2) + le(bits, 2) + "LIST" + le(4, 4) +
         "INFO" + "data" + le(0xffffffff, 4) + samples;
}

TEST(Wav, IsPutIntoMatroska) {
  struct Form {
    int coding, channels, rate, bits;
    std::string mime;
  };
  for (const Form& f : std::vector<Form>{
           {1, 2, 48'000, 16, "audio/x-matroska; codecs=\"pcm\""},
           {1, 1, 8'000, 8, "audio/x-matroska; codecs=\"pcm\""},
           {3, 2, 44'100, 32, "audio/x-matroska; codecs=\"pcm\""},
           {6, 1, 8'000, 8, "audio/x-matroska; codecs=\"A_MS/ACM\""},
       }) {
    const std::string samples(static_cast<std::size_t>(f.rate * f.channels * f.bits / 8 * 2), 's');
    for (const std::size_t size : {std::size_t{0}, std::size_t{997}}) {
      const Taken taken = take(wav(f.coding, f.channels, f.rate, f.bits, samples), size);
      ASSERT_TRUE(taken.result) << taken.result.error().what;
      EXPECT_EQ(taken.sink.epochs[0].mime, f.mime);
      EXPECT_EQ(taken.sink.epochs[0].tracks[0].sample_rate, static_cast<unsigned>(f.rate));
      EXPECT_EQ(taken.sink.group_starts().size(), 2u) << "one a second";
    }
  }
  // What stands behind the sound is none; what its size leaves out is.
  const std::string sound(8'000, '\x7f'), list = "LIST" + le(99, 4) + std::string(100, '}');
  const std::string head = wav(6, 1, 8'000, 8, "");
  const std::string start = head.substr(0, head.size() - 8);
  struct Size {
    std::string bytes;
    std::size_t samples;
  };
  const std::string ds64 = "ds64" + le(28, 4) + le(0, 8) + le(8'000, 8) + le(0, 12);
  for (const Size& s : std::vector<Size>{
           {start + "data" + le(8'000, 4) + sound + list, 8'000},
           {start + "data" + le(7'999, 4) + sound + list + "data" + le(8'000, 4) + sound, 15'999},
           {start + "data" + le(500, 4) + sound, 8'000},
           {start + "data" + le(0, 4) + sound + list, 8'100},
           {"RF64" + start.substr(4, 8) + ds64 + start.substr(12) + "data" + le(-1, 4) + sound +
                list,
            8'000},
       })
    for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{333}}) {
      const Taken taken = take(s.bytes, size);
      ASSERT_TRUE(taken.result) << taken.result.error().what;
      const auto all = std::string(as_text(taken.sink.joined()));
      EXPECT_EQ(
          std::count(all.begin(), all.end(), '\x7f') + std::count(all.begin(), all.end(), '}'),
          static_cast<std::ptrdiff_t>(s.samples))
          << size;
    }
  EXPECT_EQ(take(wav(0x55, 2, 48'000, 16, "x"), 0).result.error().code, Errc::unsupported_format);
  EXPECT_EQ(take(wav(1, 0, 48'000, 16, "x"), 0).result.error().code, Errc::malformed_media);
}

}  // namespace
}  // namespace framewire::test
