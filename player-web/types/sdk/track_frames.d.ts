export class TrackFrames {
    /**
     * @param {ReadableStream<VideoFrame>} readable
     * @param {FrameEncoder} encoder
     * @param {number} fps pictures a second at most; 0 = all
     * @param {() => void} ended
     * @param {(ms: number) => void} still there has been no new picture for so long
     */
    constructor(readable: ReadableStream<VideoFrame>, encoder: FrameEncoder, fps: number, ended: () => void, still: (ms: number) => void);
    close(): void;
    #private;
}
/**
 * The pictures of a camera or screen, as a MediaStreamTrackProcessor gives them, put before an encoder: in a worker
 * or in the page.
 */
export type FrameEncoder = import("./frame_encoder.js").FrameEncoder;
