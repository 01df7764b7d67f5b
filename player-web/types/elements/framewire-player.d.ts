/**
 * `<framewire-player src="/watch/NAME">`: a live stream with its state, sound, full screen, picture in
 * picture, viewer count, delay and statistics. Attributes: `src` (any URL of the stream, or its name),
 * `token`, `muted`, `latency` (`lowest`, `low`, `smooth` or milliseconds), `controls="no"` to leave the bar out, `fill`
 * to fill the box it stands in.
 * Keys: K or Space pause, M sound, up and down volume, F full screen, P picture in picture, I statistics.
 * Property `player`: the SDK's Player, `video`: the video element.
 * Event `playerchange`: another Player, or another state of it.
 */
export class FramewirePlayer extends HTMLElement {
    static observedAttributes: string[];
    /** @type {import('../sdk/play.js').Player | null} */
    player: import("../sdk/play.js").Player | null;
    video: HTMLVideoElement;
    /** What the stream is called, for those who cannot see it. */
    label: string;
    connectedCallback(): void;
    disconnectedCallback(): void;
    attributeChangedCallback(): void;
    /** After a pause it goes on with what is live then. */
    togglePlay(): void;
    toggleSound(): void;
    toggleStats(): void;
    togglePictureInPicture(): Promise<void>;
    toggleFullScreen(): void;
    #private;
}
