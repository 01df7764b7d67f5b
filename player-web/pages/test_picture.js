import { HiddenTicks } from "../sdk/hidden_ticks.js";

const WIDTH = 640;
const HEIGHT = 360;
const FPS = 30;
const BARS = ["#c7c7c7", "#c6c62b", "#2bc6c6", "#2bb52b", "#b52bb5", "#c02b2b", "#2b2bc0"];

/**
 * A moving picture with a clock, for when there is no camera. It moves in a hidden tab, too.
 *
 * @param {boolean} sound a short tone each second
 * @returns {import('./inputs.js').Source}
 */
export function paintTestPicture(sound) {
  const canvas = document.createElement("canvas");
  canvas.width = WIDTH;
  canvas.height = HEIGHT;
  // Without alpha: otherwise each frame is encoded with a second, transparent picture.
  const context = /** @type {CanvasRenderingContext2D} */ (
    canvas.getContext("2d", { alpha: false })
  );
  paint(context, performance.now());
  const timer = setInterval(() => paint(context, performance.now()), 1000 / FPS);
  const ticks = new HiddenTicks(1000 / FPS, () => paint(context, performance.now()));
  const stream = canvas.captureStream(FPS);
  const tone = sound ? startTone() : null;
  if (tone) stream.addTrack(tone.track);
  return {
    stream,
    canvas,
    close: () => {
      clearInterval(timer);
      ticks.stop();
      tone?.close();
      for (const track of stream.getTracks()) track.stop();
    },
  };
}

/** @param {CanvasRenderingContext2D} context @param {number} now */
function paint(context, now) {
  const bar = WIDTH / BARS.length;
  BARS.forEach((colour, i) => {
    context.fillStyle = colour;
    context.fillRect(Math.floor(i * bar), 0, Math.ceil(bar), HEIGHT);
  });
  context.fillStyle = "#101317";
  context.fillRect(0, HEIGHT * 0.62, WIDTH, HEIGHT * 0.38);
  const angle = (now / 1000) * Math.PI;
  context.fillStyle = "#f4f5f6";
  context.beginPath();
  context.arc(WIDTH / 2 + Math.sin(angle) * WIDTH * 0.4, HEIGHT * 0.31, 34, 0, 2 * Math.PI);
  context.fill();
  const clock = new Date();
  const tenths = Math.floor(clock.getMilliseconds() / 100);
  context.font = "600 64px ui-monospace, monospace";
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.fillText(`${clock.toLocaleTimeString("en-GB")}.${tenths}`, WIDTH / 2, HEIGHT * 0.81);
}

function startTone() {
  const audio = new AudioContext();
  const oscillator = audio.createOscillator();
  const gain = audio.createGain();
  const output = audio.createMediaStreamDestination();
  oscillator.frequency.value = 660;
  gain.gain.value = 0;
  oscillator.connect(gain).connect(output);
  oscillator.start();
  const beep = () => {
    gain.gain.setValueAtTime(0.2, audio.currentTime);
    gain.gain.setValueAtTime(0, audio.currentTime + 0.08);
  };
  beep();
  const timer = setInterval(beep, 1000);
  return {
    track: output.stream.getAudioTracks()[0],
    close: () => {
      clearInterval(timer);
      audio.close();
    },
  };
}
