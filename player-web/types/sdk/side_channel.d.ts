/** @param {any} message of type `message` @returns {SideMessage} */
export function readSideMessage(message: any): SideMessage;
/** What somebody may who is told of nothing else. @type {import('./moderator.js').Rights} */
export const NO_RIGHTS: import("./moderator.js").Rights;
export class SideChannel {
    /**
     * @param {string} name the default one
     * @param {(message: import('./reconnecting_socket.js').Message) => boolean} say false = not connected
     */
    constructor(name: string, say: (message: import("./reconnecting_socket.js").Message) => boolean);
    /** The present one; '' before the first text of a viewer. */
    sender: string;
    rights: import("./moderator.js").Rights;
    /** @param {unknown} data @param {SendOptions} [options] */
    send(data: unknown, { name }?: SendOptions): void;
    /** @param {string} sender @param {boolean} muted */
    mute(sender: string, muted: boolean): void;
    /** @param {string} sender what the server calls us from now on */
    named(sender: string): void;
    /**
     * Tells what a text of the server's says, if it is one of these.
     *
     * @param {import('./reconnecting_socket.js').Message} message
     * @param {(type: any, detail: any) => void} emit
     */
    hear(message: import("./reconnecting_socket.js").Message, emit: (type: any, detail: any) => void): void;
    #private;
}
/**
 * What the people of a stream say to one another beside its media (PROTOCOL.md, "Side channel"): puts the
 * texts of one publication or player into words and reads those that come.
 */
export type SideMessage = {
    /**
     * what was sent: any JSON value
     */
    data: any;
    /**
     * who, as the server numbers it; another one after each new connection
     */
    sender: string;
    /**
     * what the sender calls itself, not verified; '' = nothing
     */
    name: string;
    /**
     * who the sender is, as the operator's own login server says: verified
     */
    user?: {
        name: string;
        metadata?: any;
    } | undefined;
    /**
     * of the sender
     */
    role: "publisher" | "viewer";
    /**
     * sent by this very object
     */
    own: boolean;
    /**
     * time of the newest picture when the server passed it on, in microseconds
     * of the stream's own clock; compare with `Player.mediaTimeUs`
     */
    mediaTimeUs: number;
    /**
     * which that time belongs to
     */
    epoch: number;
    /**
     * when the server passed it on, in milliseconds since 1970
     */
    sentAtMs: number;
    /**
     * it was said before this player joined (--chat-history)
     */
    history: boolean;
};
/**
 * What the people of a stream say to one another beside its media (PROTOCOL.md, "Side channel"): puts the
 * texts of one publication or player into words and reads those that come.
 */
export type SendOptions = {
    /**
     * what to be called; at most 64 bytes; default: the `name` option
     */
    name?: string | undefined;
};
/**
 * What the people of a stream say to one another beside its media (PROTOCOL.md, "Side channel"): puts the
 * texts of one publication or player into words and reads those that come.
 */
export type Muting = {
    sender: string;
    muted: boolean;
};
