/**
 * The tracks of a MediaStream that live: those that a publication is made of, and whether they still are. One that has
 * ended is left alone: a recorder that was promised sound by it never finishes in Firefox.
 */
export class LiveTracks {
    /** @param {MediaStream} stream */
    constructor(stream: MediaStream);
    get all(): MediaStreamTrack[];
    /** @param {'video' | 'audio'} kind @returns {MediaStreamTrack | undefined} */
    first(kind: "video" | "audio"): MediaStreamTrack | undefined;
    get ended(): boolean;
    /** Those of now are used. @returns {MediaStream} of them: the stream itself, if that is all of it */
    use(): MediaStream;
    /** Why what was made of them no longer fits, in words; '' = it does. */
    get changed(): string;
    #private;
}
export function noLiveTrack(): FramewireError;
import { FramewireError } from "./errors.js";
