/** @extends {Emitter<PublicationEvents>} */
export class BasePublication extends Emitter<import("./publish_types.js").PublicationEvents> {
    /**
     * @param {string | URL} url
     * @param {import('./publish_types.js').PublishOptions} options
     * @param {(control: Control) => Media} open may throw a FramewireError
     */
    constructor(url: string | URL, options: import("./publish_types.js").PublishOptions, open: (control: Control) => Media);
    /** Resolves with null after stop(), with the error otherwise. Never rejects. */
    closed: Promise<import("./errors.js").FramewireError | null>;
    /** What a moderator does with this stream, and may do as far as `rights` go. */
    moderator: Moderator;
    get state(): import("./publish_types.js").PublishState;
    /** Where to send a viewer. */
    get watchUrl(): string;
    get stats(): {
        viewers: number;
        ackedBytes: number;
        /** Arrived at the server over the last seconds. */
        bitsPerSecond: number;
        /** How old the oldest data is that the server has not acknowledged, in milliseconds. */
        lagMs: number;
        unackedBytes: number;
        unsentBytes: number;
        reconnects: number;
        /** `http` where no WebSocket is let through. */
        transport: "http" | "websocket";
    };
    /** What the side channel calls this publisher: the `sender` of its messages. */
    get sender(): string;
    /** What of `moderator` this key is good for. */
    get rights(): import("./moderator.js").Rights;
    /**
     * Says something to all viewers; it comes back as a `message` to everybody, the sender included. What
     * the server does not pass on (too long, too many) it says by a `warning`.
     *
     * @param {unknown} data any JSON value
     * @param {import('./side_channel.js').SendOptions} [options]
     */
    say(data: unknown, options?: import("./side_channel.js").SendOptions): void;
    /**
     * Nothing more of a sender is passed on, for as long as its connection lasts.
     *
     * @param {string} sender of a `message`
     * @param {boolean} [muted] false = let it speak again; default true
     */
    mute(sender: string, muted?: boolean): void;
    /**
     * What the stream is called from now on, in lists, in recordings and for those who watch: they get it as a `title`.
     * While there is no connection the newest one waits for it; of many in a second the last one is told.
     *
     * @param {string} title at most 1024 bytes; '' = none
     */
    setTitle(title: string): void;
    /** Ends the stream after its last data arrived (or `stopTimeoutMs`). Then its name is free again. */
    stop(): Promise<import("./errors.js").FramewireError | null>;
    #private;
}
/**
 * What all publications have: the connection with its resume, acknowledgements, side channel, states and end. What
 * is sent is the business of a Media, which is told when to begin and given a Control.
 */
export type PublicationEvents = import("./publish_types.js").PublicationEvents;
/**
 * What all publications have: the connection with its resume, acknowledgements, side channel, states and end. What
 * is sent is the business of a Media, which is told when to begin and given a Control.
 */
export type PublishState = import("./publish_types.js").PublishState;
/**
 * What all publications have: the connection with its resume, acknowledgements, side channel, states and end. What
 * is sent is the business of a Media, which is told when to begin and given a Control.
 */
export type FramewireError = import("./errors.js").FramewireError;
/**
 * What all publications have: the connection with its resume, acknowledgements, side channel, states and end. What
 * is sent is the business of a Media, which is told when to begin and given a Control.
 */
export type Media = {
    /**
     * members of the `publish` message that describe it; null: not known yet
     */
    hello: object | null;
    /**
     * it has begun, so that a resume has something to go on with
     */
    running: boolean;
    /**
     * the server expects a new epoch
     */
    begin: () => void;
    /**
     * what it still has to say is not wanted
     */
    discard: () => void;
    /**
     * nothing more is taken; resolves after the last of it was handed over
     */
    drain: () => Promise<any>;
    /**
     * gives back what it has taken
     */
    close: () => void;
    /**
     * something was acknowledged, or the connection is back
     */
    room: () => void;
    /**
     * whether the server asks for keyframes; before begin()
     */
    willBeAsked?: ((will: boolean) => void) | undefined;
    /**
     * it does: viewers are to join at the next picture
     */
    keyframe?: (() => void) | undefined;
};
/**
 * What all publications have: the connection with its resume, acknowledgements, side channel, states and end. What
 * is sent is the business of a Media, which is told when to begin and given a Control.
 */
export type Control = {
    /**
     * what is put there goes out with flush()
     */
    window: SendWindow;
    flush: () => void;
    connected: () => boolean;
    /**
     * `hello` may be known by now
     */
    introduce: () => void;
    /**
     * the stream cannot go on as it is: a new one in its place
     */
    publishAnew: (reason: string) => void;
    end: (why: FramewireError | null) => void;
    /**
     * after its last data
     */
    stop: () => void;
    /**
     * the pictures of a hidden page stand still, or not; `says`:
     * the page is told so now
     */
    stands: (still: boolean, says: boolean) => void;
    emit: <T extends keyof PublicationEvents & string>(type: T, detail: PublicationEvents[T]) => void;
};
import { Emitter } from "./emitter.js";
import { Moderator } from "./moderator.js";
import { SendWindow } from "./send_window.js";
