export class Stage {
    /** @param {HTMLVideoElement} video @param {() => void} started the element has its stream */
    constructor(video: HTMLVideoElement, started: () => void);
    canvas: HTMLCanvasElement;
    /** @param {CanvasImageSource | ImageData} image @param {number} width @param {number} height */
    paint(image: CanvasImageSource | ImageData, width: number, height: number): void;
    /** Follows the element, which a page may have moved, covered or styled. */
    fit(): void;
    captureStream(): MediaStream;
    /** Gives the element back. The last picture stays, in the element's own stream. */
    close(): void;
    /** Another screen takes the element. */
    leave(): void;
    #private;
}
