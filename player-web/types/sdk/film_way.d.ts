/**
 * What needs no look at encoders and network.
 *
 * @param {import('./record_types.js').RecordCanvasOptions} options
 * @returns {FilmWay | null} null: chooseWay() finds out
 */
export function wayAtOnce({ encode, format, quality }: import("./record_types.js").RecordCanvasOptions): FilmWay | null;
/**
 * @param {FilmWish & {encode?: 'page' | 'server' | 'auto'}} wish
 * @param {string} echoUrl
 * @returns {Promise<FilmWay>} rejects with `unsupported-recorder` if it is to be the page, and cannot be
 */
export function chooseWay(wish: FilmWish & {
    encode?: "page" | "server" | "auto";
}, echoUrl: string): Promise<FilmWay>;
/**
 * Where the frames of a film are encoded, and why: in the page, or on the server. With `auto` both are measured
 * for a moment, once for each kind of film: how many frames of a picture of noise and colour the browser's
 * encoder makes, and how many raw ones page and network can bring to the server. How fast the server's encoder
 * is, is not known before.
 */
export type FilmCodec = import("./film_codecs.js").FilmCodec;
/**
 * Where the frames of a film are encoded, and why: in the page, or on the server. With `auto` both are measured
 * for a moment, once for each kind of film: how many frames of a picture of noise and colour the browser's
 * encoder makes, and how many raw ones page and network can bring to the server. How fast the server's encoder
 * is, is not known before.
 */
export type FilmWish = import("./film_codecs.js").FilmWish;
/**
 * Where the frames of a film are encoded, and why: in the page, or on the server. With `auto` both are measured
 * for a moment, once for each kind of film: how many frames of a picture of noise and colour the browser's
 * encoder makes, and how many raw ones page and network can bring to the server. How fast the server's encoder
 * is, is not known before.
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
