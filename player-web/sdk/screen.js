/**
 * What shows a stream, whichever way: MseScreen (a video element), FrameScreen (a canvas) and RawScreen (nobody
 * sees it). A screen is given the `stream` message of each epoch, then its parts; it knows no socket.
 *
 * @typedef {object} ScreenStats
 * @property {number} latencyMs how long the picture on show has been in this page
 * @property {number} bufferedMs
 * @property {number} playbackRate
 * @property {number} framesShown
 * @property {number} framesDropped
 * @property {number} jumps holes in the timeline jumped over
 * @property {number} stalls
 *
 * @typedef {object} Screen
 * @property {'mse' | 'webcodecs' | 'canvas' | 'raw'} by
 * @property {HTMLCanvasElement | null} canvas where the pictures are painted; null = in the video
 * @property {boolean} shows there is something to see or to hear
 * @property {ScreenStats} stats
 * @property {import('./shown_delay.js').Capture | null} capture of what is on show; null = nothing, or not known
 * @property {number} mediaTimeUs of what is on show, in the stream's own clock
 * @property {(info: import('./reconnecting_socket.js').Message) => void} begin an epoch
 * @property {(part: import('./wire.js').Part) => void} part
 * @property {() => void} letOut nothing follows for now
 * @property {() => void} toLive
 * @property {() => MediaStream | null} captureStream
 * @property {() => void} close the last picture stays
 * @property {() => void} leave another screen takes the element
 *
 * @typedef {object} ScreenHost
 * @property {(why: import('./errors.js').FramewireError, forGood?: boolean) => void} failed the screen is dead;
 *   `forGood`: another one of the same kind would be, too
 * @property {(why: import('./errors.js').FramewireError) => void} loses a track, without which this screen stands still
 * @property {() => void} startPlayback the element has a new source
 * @property {() => void} painted a first picture
 * @property {() => void} moves
 * @property {() => void} stands still, with a stream there
 * @property {() => void} silenced the browser allows no sound before a click
 * @property {() => void} wantsKey nothing can be decoded before the next key packet
 */
export {};
