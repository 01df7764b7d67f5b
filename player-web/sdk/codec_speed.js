/**
 * How long this machine takes to encode a picture: some are encoded, one after the other, and the median counts.
 *
 * @typedef {import('./video_codec.js').CodecName} CodecName
 */

/** The first one opens the encoder, and is not counted. */
const PICTURES = 6;
/** No picture within this, and there will be none, in milliseconds. */
const PATIENCE_MS = 2_000;

/** Of this page, by codec and size. @type {Map<string, Promise<number>>} */
const measured = new Map();

/**
 * @param {CodecName} name
 * @param {VideoEncoderConfig} config
 * @returns {Promise<number>} milliseconds; Infinity = this browser does not encode it
 */
export function codecSpeed(name, config) {
  const key = `${name} ${config.width}x${config.height}`;
  const known = measured.get(key) ?? measure(config).catch(() => Number.POSITIVE_INFINITY);
  measured.set(key, known);
  return known;
}

/** @param {VideoEncoderConfig} config */
async function measure(config) {
  const { supported } = await VideoEncoder.isConfigSupported(config);
  if (!supported) return Number.POSITIVE_INFINITY;
  /** @type {(why?: Error) => void} */
  let came = () => {};
  const encoder = new VideoEncoder({ output: () => came(), error: (error) => came(error) });
  try {
    encoder.configure(config);
    const pixels = scene(config);
    /** @type {number[]} */
    const times = [];
    for (let n = 0; n < PICTURES; n += 1) {
      const frame = picture(pixels, config, n);
      const began = performance.now();
      const coded = new Promise((/** @type {(value?: unknown) => void} */ resolve, reject) => {
        const timer = setTimeout(() => reject(new Error("no picture comes")), PATIENCE_MS);
        came = (why) => {
          clearTimeout(timer);
          if (why) reject(why);
          else resolve();
        };
      });
      encoder.encode(frame, { keyFrame: n === 0 });
      frame.close();
      await coded;
      times.push(performance.now() - began);
    }
    return times.slice(1).sort((a, b) => a - b)[(PICTURES - 1) >> 1];
  } finally {
    if (encoder.state !== "closed") encoder.close();
  }
}

/** Something that is not too easy, higher than the picture: a slope with noise. @param {VideoEncoderConfig} config */
function scene({ width, height }) {
  const bytes = new Uint8Array(width * (height + 8 * PICTURES));
  for (let i = 0, noise = 1; i < bytes.length; i += 1) {
    noise = (noise * 48_271) % 2_147_483_647;
    bytes[i] = ((i % width) >> 2) + (noise & 31);
  }
  return bytes;
}

/** Its n-th picture: the scene moves up. @param {Uint8Array} pixels @param {VideoEncoderConfig} config @param {number} n */
function picture(pixels, { width, height }, n) {
  const luma = width * height;
  const data = new Uint8Array(luma + 2 * (Math.ceil(width / 2) * Math.ceil(height / 2))).fill(128);
  data.set(pixels.subarray(n * 8 * width, n * 8 * width + luma));
  return new VideoFrame(data, {
    format: "I420",
    codedWidth: width,
    codedHeight: height,
    timestamp: n * 33_333,
  });
}
