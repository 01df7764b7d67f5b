/**
 * @typedef {import("./sources.js").Source} Source
 * @implements {Source}
 */
export class FileSource implements Source {
    /** @param {Blob} blob */
    constructor(blob: Blob);
    ended: boolean;
    adapts: boolean;
    changed: string;
    size: {};
    /** @type {'webm' | 'mp4' | ''} */
    format: "webm" | "mp4" | "";
    get mimeType(): string;
    /** @param {import('./sources.js').RunSettings} settings @returns {import('./sources.js').Run} */
    start(settings: import("./sources.js").RunSettings): import("./sources.js").Run;
    close(): void;
    #private;
}
export type Source = import("./sources.js").Source;
