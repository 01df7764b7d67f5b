/** Events: those of PublicationEvents. */
export class MessagePublication extends BasePublication {
    /** @param {string | URL} url @param {import('./publish_types.js').PublishOptions} options */
    constructor(url: string | URL, options: import("./publish_types.js").PublishOptions);
    /**
     * One message. Await it to be paced: it is kept, and sent again over a lost connection, until the server has it.
     *
     * @param {ArrayBuffer | ArrayBufferView | Blob} data
     * @param {{ptsUs?: number}} [options] its time in the stream's own clock, in microseconds; default: since the start
     * @returns {Promise<void>} when the server has it; rejects with a FramewireError if it never will
     */
    send(data: ArrayBuffer | ArrayBufferView | Blob, { ptsUs }?: {
        ptsUs?: number;
    }): Promise<void>;
    #private;
}
/**
 * Raw messages, each relayed whole and as it is, of bytes that only the page and its viewers understand
 * (`subscribe()`).
 */
export type Media = import("./base_publication.js").Media;
/**
 * Raw messages, each relayed whole and as it is, of bytes that only the page and its viewers understand
 * (`subscribe()`).
 */
export type Control = import("./base_publication.js").Control;
/**
 * Raw messages, each relayed whole and as it is, of bytes that only the page and its viewers understand
 * (`subscribe()`).
 */
export type Receipt = {
    sequence: number;
    resolve: () => void;
    reject: (why: FramewireError) => void;
};
import { BasePublication } from "./base_publication.js";
import { FramewireError } from "./errors.js";
