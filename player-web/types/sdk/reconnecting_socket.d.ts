export class ReconnectingSocket {
    /** @param {LinkHandlers} handlers */
    constructor(handlers: LinkHandlers);
    get open(): boolean;
    /** By what the present connection goes, or the last one. @returns {'websocket' | 'http'} */
    get transport(): "websocket" | "http";
    /** @param {Message | Uint8Array<ArrayBuffer> | Blob} message @returns {boolean} false = not connected */
    send(message: Message | Uint8Array<ArrayBuffer> | Blob): boolean;
    /** The newest one that the page was asked for; '' = none. */
    get token(): string;
    /** The newest token in a URL of this server. @param {string} url */
    dress(url: string): string;
    /** Closes this socket and connects anew at once, say to another URL. */
    reconnect(): void;
    /** Closes this socket; the next is connected by reconnect(). */
    pause(): void;
    /**
     * The end. Resolves once the server has seen it, and what was sent before, or does not answer.
     *
     * @param {number} [code]
     * @param {string} [reason]
     * @returns {Promise<void>}
     */
    stop(code?: number, reason?: string): Promise<void>;
    #private;
}
/**
 * a JSON message of the wire
 */
export type Message = {
    type: string;
    [member: string]: any;
};
/**
 * One `framewire.v1` socket after another: connects, hands out what arrives, and connects again while
 * the close code allows it. Where no WebSocket opens it goes by HTTP, and back as soon as one does. Knows nothing of
 * media.
 */
export type LinkHandlers = {
    /**
     * asked before each connection
     */
    url: () => string;
    /**
     * the longest wait between two attempts; default that of Backoff
     */
    retryMostMs?: number | undefined;
    /**
     * asked for a token before the first connection whose URL
     * has none, and before the present one ends
     */
    refreshToken?: import("./renewal.js").RefreshToken | undefined;
    /**
     * a server that was not reached once by then is given up; default 10000
     */
    giveUpMs?: number | undefined;
    opened: () => void;
    text: (message: Message) => void;
    binary?: ((message: ArrayBuffer) => void) | undefined;
    /**
     * connects again by itself
     */
    lost: (why: FramewireError, retryInMs: number) => void;
    /**
     * another connection takes this one's place, by a WebSocket where it was HTTP: what was
     * sent may not have arrived, and nothing is to be sent on the next one before its first message
     */
    moves?: (() => void) | undefined;
    /**
     * the end: no more connections
     */
    refused: (why: FramewireError) => void;
    /**
     * when to ask again after `over-quota`; default as a viewer
     */
    quotaRetriesMs?: number[] | undefined;
    /**
     * connect again after this refusal all the same?
     */
    mayRetry?: ((why: FramewireError) => boolean) | undefined;
};
import { FramewireError } from "./errors.js";
