import {
  checkOptions,
  flag,
  notNegative,
  oneOf,
  other,
  positive,
  share,
  stream,
  text,
} from "./options.js";

/**
 * @typedef {object} PublishOptions
 * @property {string} [token] publish key; default: `?token=` of the URL
 * @property {() => string | Promise<string>} [refreshToken] asked for a new token before the present one ends, and, without
 *   `token`, for the first one: the connection goes on, and nobody notices
 * @property {string | URL} [server] the server that a name or path is of, such as `https://host`; default the one that
 *   this SDK came from, for paths the page's own if that is the same. A bundle has to say it
 * @property {number} [giveUpMs] a server that was not reached once by then is an `error` `unreachable`, in
 *   milliseconds; default 10000. One that was is waited for, however long
 * @property {'webm' | 'mp4' | 'binary'} [format] container to record, so that it is a recording; `binary`: raw messages,
 *   `publish(url, { format: 'binary' })`
 * @property {'vp8' | 'vp9' | 'av1' | 'h264'} [codec] of the picture; default: what this browser does well at
 *   this size; of packets, what this machine encodes in time, tried on a few pictures. `h264` is recorded as MP4
 * @property {string} [title] of the stream, for people; default none
 * @property {boolean} [record] ask the server to record the stream, if it records; default false
 * @property {number} [frameRate] pictures a second taken of a canvas; default 30
 * @property {number} [timesliceMs] how often the recorder hands out data, in milliseconds, so that it is a recording;
 *   default 20
 * @property {number} [keyframeMs] time between keyframes in milliseconds, honoured by Chromium; default
 *   1000, MP4 500, packets 10000 where the server asks for one when somebody joins, else 2000
 * @property {number} [videoBitsPerSecond] the most; less is used while the connection is slow; default
 *   2500000
 * @property {number} [audioBitsPerSecond] default 64000
 * @property {boolean} [adaptive] lower the bitrate while acknowledgements lag, and raise it again; default
 *   true
 * @property {number} [bufferBytes] what may wait while the connection is slow or away, before the
 *   recording starts anew, in bytes, so that it is a recording; default 8388608
 * @property {number} [stopTimeoutMs] how long stop() waits for the last data to arrive, in milliseconds;
 *   default 3000
 * @property {boolean} [wakeLock] keep the screen on while this is live, where the browser can; default true, of raw
 *   messages false
 *
 * @property {string} [name] what the publisher is called in the side channel, at most 64 bytes; default none
 * @property {string} [mime] of raw messages: what they are, for viewers to see; default none
 * @property {'packets' | 'recording' | 'film' | 'pictures'} [as] default: `packets`, each picture encoded and sent at
 *   once, by WebCodecs: few bits, the least delay; where they cannot be had, or would be slower, or an option is set that
 *   only a recording has, a recording. `packets` asked for: the same, but slow rather than recorded, and sound as floats
 *   where there is no Opus. `recording`, the same as `film`: what MediaRecorder gives. `pictures`: each picture is sent as
 *   a file of its own, sharp and within a few milliseconds at the viewer; the options below are of these, `fps`, `audio`
 *   and `soundCodec` of packets, too
 * @property {'image/jpeg' | 'image/webp' | 'image/png' | 'rgba'} [type] default `image/jpeg`; alpha is kept in the
 *   others. Also without the `image/`
 * @property {number} [fps] pictures a second at most; 0 = only what `frame()` is called for; default 30
 * @property {number} [quality] of JPEG and WebP, 0 to 1; default 0.8
 * @property {number} [width] of what is sent, in pixels; default the source's
 * @property {number} [height] the same; of one alone the other follows
 * @property {MediaStream} [audio] sound beside the pictures; default that of the source
 * @property {'opus' | 'pcm-f32'} [soundCodec] default opus where this browser encodes it
 * @property {'arraybuffer' | 'blob'} [messages] what the socket is handed; default arraybuffer
 *
 * @typedef {'connecting' | 'live' | 'reconnecting' | 'ended' | 'error'} PublishState
 *
 * @typedef {object} StreamStats of a Publication, beside what all publications have
 * @property {string} mimeType
 * @property {number} videoBitsPerSecond encoded with now: the option, or less while the connection is slow
 * @property {{as: 'packets' | 'recording', by: string, why: string}} way how the stream is made, and why so
 * @property {number} [recordings] of a recording: how many there were, one after the other
 * @property {number} [sent] of packets: pictures
 * @property {number} [keyPackets] of them, those at which a viewer can join
 * @property {number} [dropped] pictures left out before they were encoded, for encoder or network were behind
 * @property {number} [underWay] pictures on their way
 * @property {number} [encodeMs] what a picture takes
 *
 * @typedef {object} RecordingNews
 * @property {'recording' | 'stopped' | 'failed'} state
 * @property {string} [code] why it failed (PROTOCOL.md, "Publisher")
 * @property {string} [message] the same as a sentence
 *
 * @typedef {object} RecordedFile
 * @property {string} url of the file, on the server
 * @property {number} bytes
 * @property {number} duration_ms
 *
 * @typedef {object} PublicationEvents
 * @property {PublishState} state the new one
 * @property {number} viewers how many there are now
 * @property {import('./side_channel.js').SideMessage} message somebody said something, you included
 * @property {import('./side_channel.js').Muting} mutedsender a sender is muted, or no longer
 * @property {true} cleared a moderator has cleared the chat: what was said is to be forgotten
 * @property {import('./moderator.js').Rights} rights what of `moderator` this key is good for, if it is for anything
 * @property {number} slowmode each viewer may say something once in so many milliseconds from now on; 0 = no longer
 * @property {number} bitrate videoBitsPerSecond has changed to this
 * @property {{code: string, message: string}} warning the stream goes on. The server's, and `alpha`,
 *   `no-data`, `hidden` (the page is in the background, and its pictures stand still), `source-changed`, `recorded-instead` (packets were asked for or begun, and cannot be had) of this SDK
 * @property {RecordingNews} recording the server began, stopped or failed to record this stream
 * @property {RecordedFile} recorded a recording of this stream can be fetched
 * @property {import('./errors.js').FramewireError} error the end, and why
 */

const KINDS = {
  as: other, // publish() knows
  format: oneOf("webm", "mp4", "binary"),
  codec: oneOf("vp8", "vp9", "av1", "h264"),
  title: text,
  record: flag,
  frameRate: positive,
  fps: notNegative,
  timesliceMs: positive,
  keyframeMs: positive,
  videoBitsPerSecond: positive,
  audioBitsPerSecond: positive,
  adaptive: flag,
  bufferBytes: positive,
  stopTimeoutMs: notNegative,
  wakeLock: flag,
  name: text,
  mime: text,
  type: other, // its encoder knows
  quality: share,
  width: positive,
  height: positive,
  audio: stream,
  soundCodec: oneOf("opus", "pcm-f32"),
  messages: oneOf("arraybuffer", "blob"),
};

/** @param {unknown} options */
export const checkPublish = (options) => checkOptions("publish()", options, KINDS);
