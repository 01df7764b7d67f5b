import { SoundPieces } from "./sound_pieces.js";

/**
 * The samples of a sound track, as a MediaStreamTrackProcessor gives them: without an AudioContext, which would hold
 * them longer and has to be let run by a click. Source: MediaStreamTrack Insertable Media Processing using Streams,
 * and its forerunner in Chromium, which takes sound tracks as well.
 *
 * @typedef {{stop: () => void}} TrackSound
 */
const CHANNELS_MOST = 2;
/** Pieces that wait for a busy page: seconds, in those of 10 ms. Chromium would keep ten, and lose the rest. */
const WAITING_MOST = 400;

/**
 * @param {MediaStreamTrack} track
 * @param {{rate: number, size: number}} wish samples a second, and in a piece
 * @param {(piece: import('./sound_pieces.js').SoundPiece) => void} onPiece with times of the track's own
 * @param {() => void} unfit the track is of another rate, or cannot be read
 * @returns {TrackSound | null} null: this browser has no such thing for sound
 */
export function openTrackSound(track, { rate, size }, onPiece, unfit) {
  const reader = readerOf(track);
  if (!reader) return null;
  const pieces = new SoundPieces(size, rate);
  let stopped = false;
  const read = async () => {
    for (;;) {
      const { value: data, done } = await reader.read();
      if (done) return;
      const fits = data.sampleRate === rate && data.numberOfChannels <= CHANNELS_MOST;
      const planes = fits && !stopped ? planesOf(data) : null;
      const at = data.timestamp / 1e6;
      data.close();
      if (stopped) return;
      if (!planes) throw new RangeError("another rate");
      pieces.push(planes, at).forEach(onPiece);
    }
  };
  const stop = () => {
    stopped = true;
    reader.cancel().catch(() => {});
  };
  read().catch(() => {
    if (stopped) return;
    stop();
    unfit();
  });
  return { stop };
}

/** @param {MediaStreamTrack} track @returns {ReadableStreamDefaultReader<AudioData> | null} */
function readerOf(track) {
  const Processor = /** @type {any} */ (globalThis).MediaStreamTrackProcessor;
  try {
    return Processor
      ? new Processor({ track, maxBufferSize: WAITING_MOST }).readable.getReader()
      : null;
  } catch {
    return null; // made for pictures alone
  }
}

/** @param {AudioData} data */
function planesOf(data) {
  return Array.from({ length: data.numberOfChannels }, (_, planeIndex) => {
    const plane = new Float32Array(data.numberOfFrames);
    data.copyTo(plane, { planeIndex, format: "f32-planar" });
    return plane;
  });
}
