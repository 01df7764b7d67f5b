/**
 * What needs no look at encoders and network.
 *
 * @param {import('./record_types.js').RecordCanvasOptions} options
 * @returns {FilmWay | null} null: chooseWay() finds out
 */
export function wayAtOnce({ encode, format, quality, alpha }: import("./record_types.js").RecordCanvasOptions): FilmWay | null;
/**
 * @param {FilmWish & {encode?: 'page' | 'server' | 'auto'}} wish
 * @param {string} echoUrl
 * @param {() => Promise<VideoFrame | null>} first the film's first frame, once it is drawn, to be closed; null: none comes
 * @returns {Promise<FilmWay>} rejects with `unsupported-recorder` if it is to be the page, and cannot be
 */
export function chooseWay(wish: FilmWish & {
    encode?: "page" | "server" | "auto";
}, echoUrl: string, first: () => Promise<VideoFrame | null>): Promise<FilmWay>;
/**
 * Which way brings more frames a second.
 *
 * @param {object} measured
 * @param {number} measured.page frames a second of the page's encoder
 * @param {number} measured.rate bytes a second that the network takes; 0: not known
 * @param {number} measured.seconds what a frame's planes take the page
 * @param {number} measured.whole bytes of these
 * @param {number} measured.least bytes of them, packed, at best
 * @param {() => Promise<number>} packed bytes of them, packed; asked only if it makes a difference
 * @returns {Promise<{onServer: boolean, there: string}>} there: what the server's way brings, in words
 */
export function compare({ page, rate, seconds, whole, least }: {
    page: number;
    rate: number;
    seconds: number;
    whole: number;
    least: number;
}, packed: () => Promise<number>): Promise<{
    onServer: boolean;
    there: string;
}>;
/**
 * Where the frames of a film are encoded, and why: in the page, or on the server. With `auto` both are measured
 * for a moment, once for each kind of film: how many frames of a picture of noise and colour the browser's
 * encoder makes, and how many planes page and network can bring to the server. These go packed: what the film's
 * own first frame takes is counted, where it makes a difference. How fast the server's encoder is, is not known before.
 */
export type FilmCodec = import("./film_codecs.js").FilmCodec;
/**
 * Where the frames of a film are encoded, and why: in the page, or on the server. With `auto` both are measured
 * for a moment, once for each kind of film: how many frames of a picture of noise and colour the browser's
 * encoder makes, and how many planes page and network can bring to the server. These go packed: what the film's
 * own first frame takes is counted, where it makes a difference. How fast the server's encoder is, is not known before.
 */
export type FilmWish = import("./film_codecs.js").FilmWish;
/**
 * Where the frames of a film are encoded, and why: in the page, or on the server. With `auto` both are measured
 * for a moment, once for each kind of film: how many frames of a picture of noise and colour the browser's
 * encoder makes, and how many planes page and network can bring to the server. These go packed: what the film's
 * own first frame takes is counted, where it makes a difference. How fast the server's encoder is, is not known before.
 */
export type FilmWay = {
    encode: "page" | "server";
    /**
     * a sentence
     */
    why: string;
    /**
     * in the page
     */
    codec: FilmCodec | null;
};
