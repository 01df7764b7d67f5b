/** @param {string} name */
export function isStreamName(name: string): boolean;
/**
 * Where a stream lives, from whatever URL of it one has at hand.
 *
 * @param {string | URL} given the URL of its page or socket (`/watch/cam`, `https://host/publish/cam`,
 *   `wss://host/live/cam`), or its bare name
 * @param {object} [options]
 * @param {string} [options.token] the key; default that of the URL, or its signed link (`?expires=` and `?sign=`)
 * @param {string | URL} [options.server] the server that names and paths are of; default the one that this SDK came
 *   from: for a path only if that is not the page's own
 * @param {string} [options.base] the page's URL
 * @param {string} [options.sdk] the SDK's own URL
 */
export function locate(given: string | URL, { token, server, base, sdk }?: {
    token?: string | undefined;
    server?: string | URL | undefined;
    base?: string | undefined;
    sdk?: string | undefined;
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
    /** Without the key, which goes in a header there. @param {string} path below /api/v1/ */
    controlUrl: (path: string) => string;
    apiUrl: () => string;
    /** Without the key or the signed link: it is what one shares. */
    watchUrl: () => string;
};
/** The signed link in a URL, as a query; "" = none. @param {URL} url */
export function linkOf({ searchParams }: URL): string;
