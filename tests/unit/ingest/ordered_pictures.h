// The parameter sets and the beginnings of the slices of twenty pictures each, as x264 and x265
// make them (320 bytes a row), and when each is shown.
#pragma once
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ingest/base/bytes.h"
#include "ingest/codecs/picture_order.h"

namespace framewire::test {

inline std::string from_hex(std::string_view hex) {
  std::string out;
  const auto digit = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
    out += static_cast<char>(digit(hex[i]) * 16 + digit(hex[i + 1]));
  return out;
}

struct OrderedPictures {
  std::string name;
  PictureOrder::Codec codec;
  std::vector<std::string> sets;  // hexadecimal
  std::vector<std::pair<std::string, int>>
      pictures;  // the slice; its place in the order of showing
};

inline std::string with_length(std::string_view nal) {
  const auto size = static_cast<char>(nal.size());
  return std::string{"\0\0\0", 3} + size + std::string{nal};
}
inline std::string with_start_code(std::string_view nal) {
  return std::string{"\0\0\0\1", 4} + std::string{nal};
}

// avcC or hvcC, of lengths of 4 bytes.
inline std::string configuration(const OrderedPictures& row) {
  const auto sized = [](std::string_view nal) {
    return std::string(1, '\0') + static_cast<char>(nal.size()) + std::string{nal};
  };
  if (row.codec == PictureOrder::Codec::h264) {
    const std::string sps = from_hex(row.sets[0]);
    return "\x01" + sps.substr(1, 3) + "\xff\xe1" + sized(sps) + "\x01" +
           sized(from_hex(row.sets[1]));
  }
  std::string out = "\x01" + std::string(20, '\0') + "\xff" + static_cast<char>(row.sets.size());
  for (const std::string& set : row.sets) {
    const std::string nal = from_hex(set);
    out += static_cast<char>(nal[0] >> 1 & 0x3f);
    out += std::string{"\0\1", 2} + sized(nal);
  }
  return out;
}

inline const std::vector<OrderedPictures> kOrderedPictures = {
    {"h264_pyramid",
     PictureOrder::Codec::h264,
     {"6764000aacd94426c044000003000400000300c83c489658", "68ebe3cb22c0"},
     {{"6588840057d3a4b410f8ffc22dc4", 0},
      {"419a246c477f0e4369d13ca9fc5e", 4},
      {"419e4278853f6741", 2},
      {"019e6174431f6ec0", 1},
      {"019e636a431f6ec1", 3},
      {"419a6749a84168994c0863ff24a4", 7},
      {"419e8545112c31ff6ec1", 5},
      {"019ea66a431f6ec1", 6},
      {"6588820037dfd74b5847fc1660fd", 8},
      {"419a246c477f44c8465f07c39fb5", 12},
      {"419e4278853fb4b771", 10},
      {"019e6174431fba3d90", 9},
      {"019e636a431f6ec0", 11},
      {"419a6749a84168994c0863ff24e8", 15},
      {"419e8545112c31ff6ec1", 13},
      {"019ea66a431f6ec1", 14},
      {"6588840057d3a4b410f8ffc22dc4", 16},
      {"419a236c431f24c91645ab26e928", 19},
      {"419e417885bf69c1", 17},
      {"019e626a431f93ee84", 18}}},
    {"h264_open_groups",
     PictureOrder::Codec::h264,
     {"6764000aacd94426c044000003000400000300c83c489658", "68ebe3cb22c0"},
     {{"6588840067b65965e2835ff843f6", 0},
      {"419a236c421f4640285b687cf76d", 3},
      {"419e417885bfb6d6f1", 1},
      {"019e626a431f6ec0", 2},
      {"418899815fd3a4b410f8ffc22dc4", 6},
      {"419e8445112c2dffc3d442d6b2c4", 4},
      {"019ea56a431f6ec1", 5},
      {"419aa97a265117087f10c4baf89e", 9},
      {"419ec77885bf69c0", 7},
      {"019ee86a431f6ec0", 8},
      {"4188bb015fd3a4b410f8ffc22dc4", 12},
      {"419f0a45152c2dff7c9440", 10},
      {"019f2b6a431f6ec0", 11},
      {"419b2f7a265117087f10c4bb0871", 15},
      {"419f4d7885bf69c1", 13},
      {"019f6e6a431f6ec1", 14},
      {"4188dc81dfbc35c57861ffe1d593", 18},
      {"419f9045152c2dff9cfc20", 16},
      {"019fb16a431fe8b0396e4869", 17},
      {"419bb37a2651170c7f1910", 19}}},
    {"h264_fields",
     PictureOrder::Codec::h264,
     {"67640015acd9444d808800000300080000030190f8a14cb0", "68fba3cb22c0"},
     {{"6588820b057fcba4b410f8ffc22d", 0},
      {"419a21de421f1d8829214dca917a", 3},
      {"419e40df885bff6ec1", 1},
      {"019e615ea431ff7340", 2},
      {"419a635b4b44421f1d61fda4823e", 6},
      {"419e825c5112c2df6ec1", 4},
      {"019ea2dea431ff7341", 5},
      {"419aa3db4b6442df2d131e81332f", 7},
      {"65888102c37fd7d74b5847fc1660", 8},
      {"419a21de421f1d8829219aa7d6d8", 11},
      {"419e40df885bff6ec1", 9},
      {"019e615ea431ff7340", 10},
      {"419a635b4b44477f961b54dbae69", 14},
      {"419e825c5112c2dfdfe711", 12},
      {"019ea2dea431ff7341", 13},
      {"419aa3db4b6442df2d0a50fa18a9", 15},
      {"6588820b057fcba4b410f8ffc22d", 16},
      {"419a21de431f35c4846329778214", 19},
      {"419e40df885bff6ec1", 17},
      {"019e615ea431ff8fae2a", 18}}},
    {"hevc_open_groups",
     PictureOrder::Codec::hevc,
     {"40010c01ffff01600000030090000003000003001e959409",
      "42010101600000030090000003000003001ea0102020596565924caf016808000003000800000300c840",
      "4401c172b42240"},
     {{"2801af1d80c0bac5be7310adffe3", 0},  {"0201d02149e10c63b0a9748001c6", 4},
      {"0201e04495786124e6cb58f8", 2},      {"0001e024fd7e8b0a60e65c3a50", 1},
      {"0001e066b5fd461440e6588e80", 3},    {"2a01ac2049089c62baeb438da688", 8},
      {"1201e0c225555f7184b0e6cb58f8", 6},  {"1001e0a6f5d7d22c2880cf0ce0", 5},
      {"1001e0e22d57f71851e65c3a50", 7},    {"0201d06149e10c639093e900038d", 12},
      {"0201e14495786124e6cb58f8", 10},     {"0001e124fd7e8b0a60e65c3a50", 9},
      {"0001e166b5fd4614c0e6588e80", 11},   {"2a01ac4049089c62bfeadd343896", 16},
      {"1201e1c225555f7184b0e6cb58f8", 14}, {"1001e1a6f5d7d22c28808bc2", 13},
      {"1001e1e22d57f71851e65c3a50", 15},   {"0201d0995f84318ec0a9748001c6", 19},
      {"0201e24497e184b0e6cb58f8", 18},     {"0001e224fffa2c2980e65c3a50", 17}}},
    {"hevc_closed_groups",
     PictureOrder::Codec::hevc,
     {"40010c01ffff01600000030090000003000003001e959409",
      "42010101600000030090000003000003001ea0102020596565924caf016808000003000800000300c840",
      "4401c172b42240"},
     {{"2801af1d80c0bad3c17c215bffc7", 0},  {"0201d02149e10c63b0a9748001c6", 4},
      {"0201e04495786124e6cb58f8", 2},      {"0001e024fd7e8b0a60e65c3a50", 1},
      {"0001e066b5fd461440e6588e80", 3},    {"0201d0389755f710c06390fd7f65", 7},
      {"0201e0c22555fdc612c0e67648d0", 6},  {"0001e0a6f5ff48b0a28bc2", 5},
      {"2801af1880baeb438da68807feb6", 8},  {"0201d02149e10c639093e900038d", 12},
      {"0201e04495786124e6cb58f8", 10},     {"0001e024fd7e8b0a60e65c3a50", 9},
      {"0001e066b5fd4614c0e6588e80", 11},   {"0201d0389755f710c06390fd7f64", 15},
      {"0201e0c22555fdc612c0e67648d0", 14}, {"0001e0a6f5ff48b0a28bc2", 13},
      {"2801af1880bfeadd3443d394b43f", 16}, {"0201d0195f84318ec0a9748001c6", 19},
      {"0201e04497e184b0e6cb58f8", 18},     {"0001e024fffa2c2980e65c3a50", 17}}},
    {"hevc_radl",
     PictureOrder::Codec::hevc,
     {"40010c01ffff01600000030090000003000003001e959409",
      "42010101600000030090000003000003001ea0102020596565924caf016808000003000800000300c840",
      "4401c172b42240"},
     {{"2801af1d80c0bad3c17c215bffc7", 0},  {"0201d02149e10c63b0a9748001c6", 4},
      {"0201e04495786124e6cb58f8", 2},      {"0001e024fd7e8b0a60e65c3a50", 1},
      {"0001e066b5fd461440e6588e80", 3},    {"0201d0289d57dc43018e40fd7f64", 5},
      {"2601af1880baeb438da68807feb6", 8},  {"0e01ffeaf86144e6692aa0c0", 7},
      {"0c01ffcbffa2c2d8e795ef4a5a2e", 6},  {"0201d02149e10c639093e900038d", 12},
      {"0201e04495786124e6cb58f8", 10},     {"0001e024fd7e8b0a60e65c3a50", 9},
      {"0001e066b5fd4614c0e6588e80", 11},   {"0201d0289d57dc43018e40fd7f63", 13},
      {"2601af1880bfeadd3443d394b43f", 16}, {"0e01ffeaf86144e6692aa0c0", 15},
      {"0c01ffcbffa2c2d8e72ec8d6edf0", 14}, {"0201d0195f84318ec0a9748001c6", 19},
      {"0201e04497e184b0e6cb58f8", 18},     {"0001e024fffa2c2980e65c3a50", 17}}},
};

}  // namespace framewire::test
