// In which order the pictures of an H.264 or HEVC track are shown, by their own slice headers.
//   first slice -> pic_order_cnt_lsb -> PicOrderCnt, counted on over keyframes that begin at 0 anew
// Given the access units in order of decoding, it answers a number each that rises in the order of
// showing. Nothing is said where H.264 does not send it (pic_order_cnt_type 1 and 2), and before
// the parameter sets have come. A memory_management_control_operation of 5 is not followed: the
// numbers begin lower then. Where pictures that precede an IDR picture may follow it (HEVC,
// IDR_W_RADL), they go on more than kFar higher.
// Thread: one; bytes in, values out, never past the bytes given. Nothing is an error.
// Sources: ITU-T H.264, 7.3.3 and 8.2.1.1; ITU-T H.265, 7.3.1.2, 7.3.2.2, 7.3.2.3, 7.3.6.1
// and 8.3.1; ISO/IEC 14496-15, 5.3.3.1 (avcC) and 8.3.3.1 (hvcC).
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>

#include "ingest/base/bytes.h"

namespace framewire {

class PictureOrder {
 public:
  enum class Codec { h264, hevc };
  static constexpr std::int64_t kFar = std::int64_t{1} << 19;

  // configuration: avcC, hvcC, or parameter sets behind start codes; empty: they come with the
  // pictures.
  PictureOrder(Codec codec, Bytes configuration);
  // The NAL units behind their lengths, as the configuration says, or behind start codes.
  std::optional<std::int64_t> next(Bytes access_unit);
  // So many pictures may be decoded before one that is shown earlier, by the newest parameter sets.
  int reorder() const { return reorder_; }
  // They say so themselves; else so many are possible.
  bool reorder_told() const { return reorder_told_; }
  // Of the numbers of two pictures, one shown after the other, as far as seen.
  std::int64_t step() const { return step_; }

 private:
  // A slice header tells its picture's place; what it is.
  struct Slice {
    bool begins = false;     // PicOrderCnt starts with it
    bool leads = false;      // what follows may be shown before it
    bool counts_on = false;  // the next ones count from it
    unsigned bits = 0;       // of pic_order_cnt_lsb
    std::int64_t lsb = 0;
  };

  void read_configuration(Bytes configuration);
  void read_set(Bytes nal);
  std::optional<Slice> read_slice(Bytes nal) const;
  std::optional<Slice> read_h264_slice(Bytes nal) const;
  std::optional<Slice> read_hevc_slice(Bytes nal) const;
  void read_hevc_sps(Bytes nal);
  void read_hevc_pps(Bytes nal);
  bool is_slice(Bytes nal) const;
  std::int64_t count(const Slice& slice);
  template <class Take>
  void each_nal(Bytes unit, std::size_t length_size, Take take) const;

  Codec codec_;
  std::size_t length_size_ = 0;  // 0 = start codes
  // Of the newest parameter sets.
  int reorder_ = 0;
  bool reorder_told_ = false;
  unsigned order_bits_ = 0;
  unsigned frame_num_bits_ = 0;
  bool separate_planes_ = false;
  bool fields_ = false;
  bool output_flag_ = false;
  unsigned extra_bits_ = 0;

  bool began_ = false;
  std::int64_t base_ = 0;
  std::int64_t greatest_ = 0;
  std::int64_t newest_ = 0;
  std::int64_t step_;
  std::int64_t last_msb_ = 0;
  std::int64_t last_lsb_ = 0;
};

}  // namespace framewire
