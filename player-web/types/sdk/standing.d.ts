export class Standing {
    /** @param {(still: boolean) => void} tell each change */
    constructor(tell: (still: boolean) => void);
    still: boolean;
    /** @param {import('./link.js').Message} message any */
    hear(message: import("./link.js").Message): void;
    end(): void;
    #private;
}
