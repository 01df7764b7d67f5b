export class SteadyCuts {
    /**
     * @param {Uint8Array<ArrayBuffer>} part whole elements
     * @param {number} ptsUs of its first block
     * @returns {Piece[]} what may be appended now; together all that was pushed, in order
     */
    push(part: Uint8Array<ArrayBuffer>, ptsUs: number): Piece[];
    /** Everything: there is nothing more to come. @returns {Piece[]} */
    flush(): Piece[];
    #private;
}
/**
 * Chooses where one append to a SourceBuffer ends and the next begins, for Firefox and WebM. The last block
 * of a track in an append has no known duration there: Firefox takes the last interval of that track within
 * the Cluster, and for one that is alone whatever else is in the append, a few milliseconds. A next block
 * that comes later than twice that is a hole to it, and the picture is dropped until the next keyframe, also
 * if the hole is in the sound. So an append must not end behind the first frame or the first sound of a
 * Cluster, nor behind two frames painted a few milliseconds apart. (Measured with Firefox's MediaSource log;
 * Chromium does not mind.)
 *
 * Reads the `webm` rendition: Clusters of unknown size that begin with a block of the video track.
 */
export type Piece = {
    bytes: Uint8Array<ArrayBuffer>;
    ptsUs: number;
};
/**
 * `at`: where an append may
 *  end before it; `cluster`: it is the first of its Cluster
 */
export type Block = {
    at: number;
    time: number;
    track: number;
    cluster: boolean;
};
