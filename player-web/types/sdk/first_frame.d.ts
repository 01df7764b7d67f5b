/** A film's first frame, for who has to see it before it is decided what becomes of it. */
export class FirstFrame {
    /** @returns {Promise<VideoFrame | null>} to be closed; null: there will be none */
    seen(): Promise<VideoFrame | null>;
    /** @param {VideoFrame} frame its owner's, until gone() */
    show(frame: VideoFrame): void;
    /** It is somebody else's now, or never comes. */
    gone(): void;
    #private;
}
