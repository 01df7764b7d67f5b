export class WebmWriter {
    /**
     * The init segment.
     *
     * @param {{codec: 'vp8' | 'vp9', width: number, height: number}} track
     */
    header({ codec, width, height }: {
        codec: "vp8" | "vp9";
        width: number;
        height: number;
    }): Uint8Array<ArrayBuffer>;
    /**
     * @param {{timeMs: number, key: boolean, bytes: Uint8Array}} frame
     * @returns {Uint8Array<ArrayBuffer>} its block, with a Cluster header before a keyframe
     */
    frame({ timeMs, key, bytes }: {
        timeMs: number;
        key: boolean;
        bytes: Uint8Array;
    }): Uint8Array<ArrayBuffer>;
    #private;
}
