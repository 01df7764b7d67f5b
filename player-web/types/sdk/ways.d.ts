export class Ways {
    /** @param {Abilities} can */
    constructor(can: Abilities);
    get rendition(): Rendition;
    /** What was taken, and why not what comes before it. */
    get told(): {
        rendition: Rendition;
        by: By;
        why: string;
    };
    /** The stream is over: the next one may be of another kind. */
    startOver(): void;
    /** Whether ways have been left behind, so that another stream had better begin anew. */
    get strayed(): boolean;
    /**
     * A `stream` message has come.
     *
     * @param {StreamInfo} info
     * @returns {Way | null} what to do: a way with this very rendition is to be taken now; with another one it is to
     *   be asked for; null = there is none
     */
    take(info: StreamInfo): Way | null;
    /**
     * The present way does not work.
     *
     * @param {string} why a sentence
     * @returns {Way | null} the next one
     */
    fail(why: string): Way | null;
    /** What was published no longer goes on: whether to fail() it. Where no other way works, it is returned to, and kept. */
    leave(): boolean;
    /** The server has no such rendition. @param {string} why @returns {Way | null} */
    refused(why: string): Way | null;
    #private;
}
/**
 * '' = as published; 'hls' = the browser's own player
 */
export type Rendition = ".webm" | "" | ".mp4" | ".h264" | "hls";
/**
 * Which rendition is asked for, and how it is shown: the first way that works, of those that a format has. Pure.
 *
 * A viewer begins with `.webm`, which is what most streams are. Where the server has none it asks for what was
 * published, and once that is known, for the first of its ways. A way that fails is not tried again before the
 * stream has ended.
 */
export type By = "mse" | "webcodecs" | "canvas" | "raw" | "hls";
/**
 * Which rendition is asked for, and how it is shown: the first way that works, of those that a format has. Pure.
 *
 * A viewer begins with `.webm`, which is what most streams are. Where the server has none it asks for what was
 * published, and once that is known, for the first of its ways. A way that fails is not tried again before the
 * stream has ended.
 */
export type Way = {
    rendition: Rendition;
    by: By;
};
/**
 * Which rendition is asked for, and how it is shown: the first way that works, of those that a format has. Pure.
 *
 * A viewer begins with `.webm`, which is what most streams are. Where the server has none it asks for what was
 * published, and once that is known, for the first of its ways. A way that fails is not tried again before the
 * stream has ended.
 */
export type StreamInfo = {
    format: string;
    mime: string;
    tracks?: {
        kind: string;
        codec: string;
    }[];
};
/**
 * Which rendition is asked for, and how it is shown: the first way that works, of those that a format has. Pure.
 *
 * A viewer begins with `.webm`, which is what most streams are. Where the server has none it asks for what was
 * published, and once that is known, for the first of its ways. A way that fails is not tried again before the
 * stream has ended.
 */
export type Abilities = {
    /**
     * by Media Source Extensions
     */
    canPlay: (mime: string) => boolean;
    canHls: boolean;
    /**
     * by WebCodecs
     */
    canDecode: boolean;
};
