export type PlayOptions = {
    /**
     * watch key; default: `?token=` of the URL
     */
    token?: string | undefined;
    /**
     * what to keep buffered ahead, in milliseconds; default 50, with audio 250
     * (less is not taken with audio); of pictures 0, with sound 100
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
     * the browser allowed playback only without sound
     */
    muted: true;
    /**
     * somebody said something, you included
     */
    message: import("./side_channel.js").SideMessage;
    /**
     * the publisher has muted a sender, or no longer
     */
    mutedsender: import("./side_channel.js").Muting;
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
