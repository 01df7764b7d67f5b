/**
 * @param {Uint8Array<ArrayBuffer>} sps a NAL unit, without start code or length
 * @param {boolean} known its maker reorders nothing; false = only if the set itself shows it: Baseline, or an order of
 *   output that is that of decoding (pic_order_cnt_type 2)
 * @returns {Uint8Array<ArrayBuffer>} the same object, if nothing is to be said
 */
export function withoutReordering(sps: Uint8Array<ArrayBuffer>, known: boolean): Uint8Array<ArrayBuffer>;
/**
 * What a set says that matters here.
 */
export type SpsFacts = {
    profile: number;
    /**
     * pic_order_cnt_type
     */
    orderType: number;
    /**
     * max_num_ref_frames
     */
    references: number;
    /**
     * bit of vui_parameters_present_flag
     */
    vuiAt: number;
    vui: boolean;
    /**
     * bit of bitstream_restriction_flag; 0 = no VUI
     */
    restrictionAt: number;
    /**
     * bit of max_num_reorder_frames; 0 = not said
     */
    reorderedAt: number;
    /**
     * max_num_reorder_frames; null = not said
     */
    reordered: number | null;
    /**
     * max_dec_frame_buffering
     */
    buffered: number;
};
