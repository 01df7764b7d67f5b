/**
 * @typedef {object} PlayOptions
 * @property {string} [token] watch key; default: `?token=` of the URL
 * @property {number} [targetMs] what to keep buffered ahead, in milliseconds; default 50, with audio 250
 *   (less is not taken with audio); of pictures 0, with sound 100
 * @property {boolean} [muted] start muted; default false: muted only if the browser insists
 *
 * @property {string} [name] what this viewer is called in the side channel, at most 64 bytes; default none
 *
 * @typedef {'connecting' | 'waiting' | 'live' | 'stalled' | 'reconnecting' | 'ended' | 'error' | 'stopped'} PlayState
 *
 * @typedef {object} PlayerEvents
 * @property {PlayState} state the new one
 * @property {number} viewers how many there are now
 * @property {true} muted the browser allowed playback only without sound
 * @property {import('./side_channel.js').SideMessage} message somebody said something, you included
 * @property {import('./side_channel.js').Muting} mutedsender the publisher has muted a sender, or no longer
 * @property {{code: string, message: string}} warning the server's: the stream goes on
 * @property {import('./errors.js').FramewireError} error the end, and why
 */
export {};
