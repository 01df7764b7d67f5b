export function timeOfDayMs(): number;
export class ServerClock {
    /** @param {(message: import('./reconnecting_socket.js').Message) => void} say */
    constructor(say: (message: import("./reconnecting_socket.js").Message) => void);
    /** A connection is there, perhaps to another server. */
    begin(): void;
    end(): void;
    /** @param {import('./reconnecting_socket.js').Message} message of any type */
    hear({ type, sent, server_us }: import("./reconnecting_socket.js").Message): void;
    /** What makes a time of this page one of the server's; null: not known yet. @returns {number | null} */
    get offsetMs(): number | null;
    #private;
}
