const UPDATE_MS = 50;
/** The quietest level shown, in dB under full scale. */
const FLOOR_DB = -60;
/** How fast the bar falls, in dB per update. */
const FALL_DB = 1.5;

/**
 * Shows how loud a stream is.
 *
 * @param {MediaStream} stream with an audio track
 * @param {HTMLMeterElement} meter from 0 to 100
 * @returns {() => void} ends it
 */
export function showLevel(stream, meter) {
  const audio = new AudioContext();
  const analyser = audio.createAnalyser();
  analyser.fftSize = 1024;
  audio.createMediaStreamSource(stream).connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  let shown = FLOOR_DB;
  const timer = setInterval(() => {
    analyser.getFloatTimeDomainData(samples);
    shown = Math.max(peakDb(samples), shown - FALL_DB);
    meter.value = 100 * (1 - shown / FLOOR_DB);
  }, UPDATE_MS);
  return () => {
    clearInterval(timer);
    audio.close();
    meter.value = 0;
  };
}

/** @param {Float32Array} samples from -1 to 1 @returns {number} from FLOOR_DB to 0 */
export function peakDb(samples) {
  let peak = 0;
  for (const sample of samples) peak = Math.max(peak, Math.abs(sample));
  return peak > 0 ? Math.min(0, Math.max(FLOOR_DB, 20 * Math.log10(peak))) : FLOOR_DB;
}
