export class Renewal {
    /**
     * @param {RefreshToken} refresh of the page
     * @param {(message: {type: string, token: string}) => boolean} send false: not connected
     */
    constructor(refresh: RefreshToken, send: (message: {
        type: string;
        token: string;
    }) => boolean);
    get token(): string;
    /** A URL with the newest token in place of its own, if it has one. @param {string} url */
    dress(url: string): string;
    /** Asks the page for a token; of calls at a time one does. @returns {Promise<string>} rejects as the page's does */
    fresh(): Promise<string>;
    /** @param {import('./reconnecting_socket.js').Message} message of the server */
    hear(message: import("./reconnecting_socket.js").Message): void;
    /** The socket is gone: the next one's server says how long its token is good. */
    pause(): void;
    end(): void;
    #private;
}
/**
 * A token that is renewed while it is used: `refreshToken` of the page is asked for another one in time, and that goes
 * out on the same socket (PROTOCOL.md, "Tokens"). A socket that is opened later takes the newest one.
 */
export type RefreshToken = () => string | Promise<string>;
