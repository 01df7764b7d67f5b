/** @implements {FilmMaker} */
export class PacketMaker implements FilmMaker {
    /**
     * @param {import('./canvas_frames.js').AnyCanvas} canvas
     * @param {FilmPort} port
     * @param {FilmCodec} codec
     */
    constructor(canvas: import("./canvas_frames.js").AnyCanvas, port: FilmPort, codec: FilmCodec);
    hello: {
        format: string;
        codec: string;
        container: string;
    };
    /** @param {VideoFrame} [early] */
    take(early?: VideoFrame): Promise<void>;
    granted(): void;
    flush(): Promise<void>;
    close(): void;
    #private;
}
/**
 * The frames of a film, encoded in the page: a packet of each, in order, none left out. What the browser's
 * encoder gives is looked at: a packet that is not the next frame's ends the film with an error.
 */
export type FilmMaker = import("./film_pixels.js").FilmMaker;
/**
 * The frames of a film, encoded in the page: a packet of each, in order, none left out. What the browser's
 * encoder gives is looked at: a packet that is not the next frame's ends the film with an error.
 */
export type FilmPort = import("./film_pixels.js").FilmPort;
/**
 * The frames of a film, encoded in the page: a packet of each, in order, none left out. What the browser's
 * encoder gives is looked at: a packet that is not the next frame's ends the film with an error.
 */
export type FilmCodec = import("./film_codecs.js").FilmCodec;
