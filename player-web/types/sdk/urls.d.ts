/** @param {string} name */
export function isStreamName(name: string): boolean;
/**
 * Where a stream lives, from whatever URL of it one has at hand.
 *
 * @param {string | URL} given the URL of its page or socket (`/watch/cam`, `https://host/publish/cam`,
 *   `wss://host/live/cam`), or its bare name, which means the server that this SDK came from
 * @param {{token?: string, base?: string, sdk?: string}} [options] `token`: the key, default that of
 *   the URL; `base`: what a relative URL is relative to, default the page; `sdk`: the SDK's own URL
 */
export function locate(given: string | URL, { token, base, sdk }?: {
    token?: string;
    base?: string;
    sdk?: string;
}): {
    stream: string;
    token: string | undefined;
    echoSocket: () => string;
    publishSocket: () => string;
    /** @param {string} rendition such as `.mp4`; '' = as published */
    liveSocket: (rendition: string) => string;
    hlsUrl: () => string;
    /** As published, over plain HTTP. */
    liveUrl: () => string;
    apiUrl: () => string;
    /** Without the key: it is what one shares. */
    watchUrl: () => string;
};
