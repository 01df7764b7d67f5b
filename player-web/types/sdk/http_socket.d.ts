/** @returns {boolean} whether this browser gives a body as it comes */
export function hasHttpSocket(): boolean;
export class HttpSocket {
    static CONNECTING: number;
    static OPEN: number;
    static CLOSING: number;
    static CLOSED: number;
    /** @param {string} url of the WebSocket */
    constructor(url: string);
    binaryType: string;
    readyState: number;
    /** @type {(() => void) | null} */ onopen: (() => void) | null;
    /** @type {((event: {data: string | ArrayBuffer}) => void) | null} */ onmessage: ((event: {
        data: string | ArrayBuffer;
    }) => void) | null;
    /** @type {((event: {code: number, reason: string}) => void) | null} */ onclose: ((event: {
        code: number;
        reason: string;
    }) => void) | null;
    get bufferedAmount(): number;
    /** @param {string | Uint8Array<ArrayBuffer> | ArrayBuffer | Blob} data */
    send(data: string | Uint8Array<ArrayBuffer> | ArrayBuffer | Blob): void;
    /** @param {number} [code] @param {string} [reason] */
    close(code?: number, reason?: string): void;
    #private;
}
