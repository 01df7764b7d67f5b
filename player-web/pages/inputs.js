import { playFile } from "./file_input.js";
import { paintTestPicture } from "./test_picture.js";

/**
 * Where the studio's picture comes from.
 *
 * @typedef {'camera' | 'screen' | 'file' | 'canvas'} SourceKind
 * @typedef {{stream: MediaStream, canvas?: HTMLCanvasElement, close: () => void}} Source
 *
 * @typedef {object} SourceWish
 * @property {SourceKind} kind
 * @property {string} [camera] id of the device; '' = the browser's choice
 * @property {string} [microphone] id of the device; '' = the browser's choice, 'none' = no sound
 * @property {number} [height] of the picture, in pixels, 16:9; default 720
 * @property {boolean} [tone] a tone with the test picture
 * @property {File | null} [file]
 */

const FPS = 30;

/** @param {SourceWish} wish @returns {Promise<Source>} */
export async function openSource(wish) {
  if (wish.kind === "canvas") return paintTestPicture(wish.tone ?? false);
  if (wish.kind === "file") return playFile(wish.file ?? null);
  if (!navigator.mediaDevices) {
    throw new DOMException("needs a secure context", "SecurityError");
  }
  return wish.kind === "camera" ? openCamera(wish) : openScreen(wish);
}

/** @param {SourceWish} wish */
async function openCamera(wish) {
  const stream = await navigator.mediaDevices.getUserMedia({
    video: { ...exactly(wish.camera), ...sizeOf(wish), frameRate: { ideal: FPS } },
    audio: soundOf(wish),
  });
  return closable(stream);
}

/** @param {SourceWish} wish */
async function openScreen(wish) {
  const screen = await navigator.mediaDevices.getDisplayMedia({
    video: { ...sizeOf(wish), frameRate: FPS },
  });
  const audio = soundOf(wish);
  if (!audio) return closable(screen);
  try {
    const microphone = await navigator.mediaDevices.getUserMedia({ audio });
    for (const track of microphone.getAudioTracks()) screen.addTrack(track);
  } catch (error) {
    closable(screen).close();
    throw error;
  }
  return closable(screen);
}

/** @param {SourceWish} wish @returns {MediaTrackConstraints} */
function sizeOf({ height = 720 }) {
  return { width: { ideal: Math.round((height * 16) / 9) }, height: { ideal: height } };
}

/** @param {SourceWish} wish @returns {MediaTrackConstraints | boolean} */
function soundOf({ microphone }) {
  if (microphone === "none") return false;
  return microphone ? exactly(microphone) : true;
}

/** @param {string} [id] @returns {MediaTrackConstraints} */
const exactly = (id) => (id ? { deviceId: { exact: id } } : {});

/** @param {MediaStream} stream @returns {Source} */
function closable(stream) {
  return {
    stream,
    close: () => {
      for (const track of stream.getTracks()) track.stop();
    },
  };
}
