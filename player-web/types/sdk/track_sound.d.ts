/**
 * @param {MediaStreamTrack} track
 * @param {{rate: number, size: number}} wish samples a second, and in a piece
 * @param {(piece: import('./sound_pieces.js').SoundPiece) => void} onPiece with times of the track's own
 * @param {() => void} unfit the track is of another rate, or cannot be read
 * @returns {TrackSound | null} null: this browser has no such thing for sound
 */
export function openTrackSound(track: MediaStreamTrack, { rate, size }: {
    rate: number;
    size: number;
}, onPiece: (piece: import("./sound_pieces.js").SoundPiece) => void, unfit: () => void): TrackSound | null;
/**
 * The samples of a sound track, as a MediaStreamTrackProcessor gives them: without an AudioContext, which would hold
 * them longer and has to be let run by a click. Source: MediaStreamTrack Insertable Media Processing using Streams,
 * and its forerunner in Chromium, which takes sound tracks as well.
 */
export type TrackSound = {
    stop: () => void;
};
