/** @param {unknown} video @param {unknown} options */
export function checkPlay(video: unknown, options: unknown): void;
export type PlayOptions = {
    /**
     * watch key; default: `?token=` of the URL
     */
    token?: string | undefined;
    /**
     * asked for a new token before the present one ends, and, without
     * `token`, for the first one: the connection goes on, and nobody notices; not where the browser's own HLS plays
     */
    refreshToken?: (() => string | Promise<string>) | undefined;
    /**
     * the server that a name or path is of, such as `https://host`; default the one that
     * this SDK came from, for paths the page's own if that is the same. A bundle has to say it
     */
    server?: string | URL | undefined;
    /**
     * a server that was not reached once by then is an `error` `unreachable`, in
     * milliseconds; default 10000. One that was is waited for, however long
     */
    giveUpMs?: number | undefined;
    /**
     * `lowest`: each picture of packets is painted as soon as it
     * is decoded, sound waits for 25 ms; `low`: no picture waits without sound, sound for 100 ms, Media Source Extensions
     * for 50 ms, with audio 250 (Chromium 20 and 200); `smooth`: 200, 250, 600 ms, so that all comes at an even pace
     * over a network that does not; or how long each of these waits, in milliseconds (with audio Media Source
     * Extensions take no less than 250, in Chromium 150).
     * What runs dry waits for longer, for a while. Default low
     */
    latency?: number | "lowest" | "low" | "smooth" | undefined;
    /**
     * the same as `latency` in milliseconds
     */
    targetMs?: number | undefined;
    /**
     * start muted; default false: muted only if the browser insists
     */
    muted?: boolean | undefined;
    /**
     * what this viewer is called in the side channel, at most 64 bytes; default none
     */
    name?: string | undefined;
};
export type PlayState = "connecting" | "waiting" | "live" | "stalled" | "reconnecting" | "ended" | "error" | "stopped";
export type PlayerEvents = {
    /**
     * the new one
     */
    state: PlayState;
    /**
     * how many there are now
     */
    viewers: number;
    /**
     * the publisher calls the stream so from now on; '' = nothing. What it is called at first is in
     * the server's list of streams
     */
    title: string;
    /**
     * the publisher's page is in the background, and its pictures stand still there; false = no
     * longer
     */
    still: boolean;
    /**
     * the browser allowed playback only without sound
     */
    muted: true;
    /**
     * somebody said something, you included
     */
    message: import("./side_channel.js").SideMessage;
    /**
     * the publisher or a moderator has muted a sender, or no longer
     */
    mutedsender: import("./side_channel.js").Muting;
    /**
     * a moderator has cleared the chat: what was said is to be forgotten
     */
    cleared: true;
    /**
     * what of `moderator` this key is good for, if it is for anything
     */
    rights: import("./moderator.js").Rights;
    /**
     * each viewer may say something once in so many milliseconds from now on; 0 = no longer
     */
    slowmode: number;
    /**
     * the server's: the stream goes on
     */
    warning: {
        code: string;
        message: string;
    };
    /**
     * the end, and why
     */
    error: import("./errors.js").FramewireError;
};
