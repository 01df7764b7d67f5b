export class LiveTitle {
    /**
     * @param {string | undefined} text
     * @param {(message: import('./reconnecting_socket.js').Message) => boolean} say false = not connected
     */
    constructor(text: string | undefined, say: (message: import("./reconnecting_socket.js").Message) => boolean);
    /** For a `publish` that is said now. */
    introduce(): string | undefined;
    /** @param {unknown} text */
    set(text: unknown): void;
    /** The server takes what is said from now on. @param {boolean} resumed so that the last title may be lost */
    begin(resumed: boolean): void;
    /** The connection is lost, or it is over. */
    pause(): void;
    #private;
}
