export class Standing {
    /** @param {(still: boolean) => void} tell each change */
    constructor(tell: (still: boolean) => void);
    still: boolean;
    /** @param {import('./reconnecting_socket.js').Message} message any */
    hear(message: import("./reconnecting_socket.js").Message): void;
    end(): void;
    #private;
}
