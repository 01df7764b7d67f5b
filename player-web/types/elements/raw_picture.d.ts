export class RawPicture {
    element: HTMLElement;
    /** @param {import('../sdk/raw_screen.js').RawScreen} raw @param {string} url of the stream over plain HTTP */
    show(raw: import("../sdk/raw_screen.js").RawScreen, url: string): void;
    hide(): void;
    #private;
}
