export class SoundOut {
    /** @param {HTMLVideoElement} video @param {number} targetMs @param {() => void} silenced */
    constructor(video: HTMLVideoElement, targetMs: number, silenced: () => void);
    /** @param {import('./frame_decoder.js').Sound} sound */
    push(sound: import("./frame_decoder.js").Sound): void;
    /** What is heard now, in microseconds of the stream; null: nothing is. */
    get mediaTimeUs(): number | null;
    get bufferedMs(): number;
    get dry(): number;
    /** Sound as a track, for captureStream(). @returns {MediaStreamTrack | null} */
    get track(): MediaStreamTrack | null;
    /** So much longer each sample is to wait; negative: less. @param {number} ms */
    wait(ms: number): void;
    /** What waits is too old. */
    flush(): void;
    close(): void;
    #private;
}
