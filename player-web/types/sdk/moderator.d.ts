/**
 * For a page that neither plays nor publishes the stream: those that do have `moderator`.
 *
 * @param {string | URL} url `/watch/NAME`, a whole URL, or the bare name
 * @param {ModerateOptions} [options]
 * @returns {Moderator}
 */
export function moderate(url: string | URL, options?: ModerateOptions): Moderator;
/**
 * What a moderator does with a stream, by the control API. Each call resolves once the server has done it, and rejects
 * with a FramewireError: `unauthorized` or `forbidden`, the key has no such right; `not-found`, nobody publishes the
 * stream; `sender-gone`; `unreachable`.
 */
export class Moderator {
    /** @param {ReturnType<typeof locate>} place @param {Key} key */
    constructor(place: ReturnType<typeof locate>, key: Key);
    /** What was said, who is muted, how slow it is. @returns {Promise<ChatState>} */
    chat(): Promise<ChatState>;
    /** What was said is forgotten, and pages are told to forget it. @returns {Promise<void>} */
    clear(): Promise<void>;
    /**
     * Each viewer may say something once in so long.
     *
     * @param {number} ms at most an hour; 0 = as often as the server lets it
     * @returns {Promise<ChatState>}
     */
    slowMode(ms: number): Promise<ChatState>;
    /**
     * Nothing more of a sender is passed on, for as long as its connection lasts; `ban()` keeps it out.
     *
     * @param {string} sender of a `message`
     * @param {boolean} [muted] false = let it speak again; default true
     * @returns {Promise<ChatState>}
     */
    mute(sender: string, muted?: boolean): Promise<ChatState>;
    /** What the stream is called from now on. @param {string} title '' = nothing @returns {Promise<void>} */
    setTitle(title: string): Promise<void>;
    /** Its publisher is told `stream-ended`, and its viewers that it is over. @returns {Promise<void>} */
    endStream(): Promise<void>;
    /** Who publishes and watches the stream now, but those of HLS. @returns {Promise<Person[]>} */
    people(): Promise<Person[]>;
    /** Ends the sender's connection; whoever has a key may come back. @param {string} sender @returns {Promise<void>} */
    kick(sender: string): Promise<void>;
    /**
     * Ends the sender's connections, and lets it in no more, to no stream of this server.
     *
     * @param {string} sender of a `message`; it is still connected
     * @param {BanOptions} [options]
     * @returns {Promise<Ban>}
     */
    ban(sender: string, { by, forMs, reason }?: BanOptions): Promise<Ban>;
    /** @param {number} id of the Ban @returns {Promise<void>} */
    unban(id: number): Promise<void>;
    #private;
}
/**
 * what the key of a player or publication lets it do, beside that
 */
export type Rights = {
    /**
     * the side channel: `clear()`, `slowMode()`, `mute()`
     */
    moderate: boolean;
    /**
     * the stream: all that, `setTitle()` and `endStream()`
     */
    manage: boolean;
    /**
     * the whole server: all that, `people()`, `kick()`, `ban()` and `unban()`
     */
    server: boolean;
};
export type ModerateOptions = {
    /**
     * a key or token with the right; default: `?token=` of the URL
     */
    token?: string | undefined;
    /**
     * asked for another token when the present one has ended, and,
     * without `token`, for the first one
     */
    refreshToken?: (() => string | Promise<string>) | undefined;
    /**
     * the server that a name or path is of, such as `https://host`; default the one that
     * this SDK came from, for paths the page's own if that is the same. A bundle has to say it
     */
    server?: string | URL | undefined;
};
export type BanOptions = {
    /**
     * what is banned: the name of the sender's key or token, or its address (IPv6: its
     * /64). Default: its name, if that is its own alone, else its address
     */
    by?: "identity" | "address" | undefined;
    /**
     * in milliseconds; default: until it is lifted
     */
    forMs?: number | undefined;
    /**
     * for who looks at the list; the sender is not told
     */
    reason?: string | undefined;
};
export type Ban = {
    /**
     * for `unban()`
     */
    id: number;
    address?: string | undefined;
    /**
     * one of the two
     */
    identity?: string | undefined;
    /**
     * milliseconds since 1970; null: until it is lifted
     */
    untilMs: number | null;
    reason: string;
};
export type ChatState = {
    /**
     * 0: no slow mode
     */
    slowMs: number;
    /**
     * senders
     */
    muted: string[];
    /**
     * the newest messages, where the server keeps some
     */
    history: import("./side_channel.js").SideMessage[];
};
/**
 * somebody connected to the stream
 */
export type Person = {
    id: string;
    role: "publisher" | "viewer";
    /**
     * what the side channel calls it; null: it has said nothing yet
     */
    sender: string | null;
    /**
     * whose key or token it is
     */
    identity: string;
    /**
     * its own alone
     */
    personal: boolean;
    address: string;
    transport: string;
    userAgent: string;
    /**
     * milliseconds since 1970
     */
    sinceMs: number;
    /**
     * from capture to screen
     */
    delayMs: number | null;
};
export type Key = {
    /**
     * '' = none
     */
    token: () => string;
    /**
     * the next `token()` is another one
     */
    renew?: (() => Promise<unknown>) | undefined;
};
import { locate } from "./urls.js";
