import { FramewireError } from "./errors.js";

/** Single pictures: copied, owned, measured, given back. */

/**
 * A copy of what is shown now. A VideoFrame is taken at once; a bitmap is, too, where it is of a canvas.
 *
 * @param {any} source @returns {Promise<VideoFrame | ImageBitmap | null>}
 */
export async function snapshot(source) {
  try {
    if (globalThis.VideoFrame) {
      return new VideoFrame(source, { timestamp: Math.round(performance.now() * 1000) });
    }
    return await createImageBitmap(source);
  } catch (error) {
    if (/** @type {any} */ (error).name === "SecurityError") {
      throw new FramewireError(
        "unreadable-canvas",
        "The canvas shows something of another site, so it cannot be read.",
        { cause: error },
      );
    }
    return null; // nothing painted yet
  }
}

/** A picture that is the publication's to close, whoever made it. @param {any} given @returns {Promise<any>} */
export async function owned(given) {
  if (given instanceof Blob || given instanceof ImageData) return given;
  if (typeof given === "object" && given && ("close" in given || "width" in given)) {
    return "close" in given ? given : snapshot(given);
  }
  const what = given === null ? "null" : (given?.constructor?.name ?? typeof given);
  throw new FramewireError(
    "bad-source",
    `A ${what} is no picture: give a canvas, a video element, an ImageBitmap, a VideoFrame, an ImageData or a Blob.`,
  );
}

/** @param {any} image */
export function drop(image) {
  if (image && "close" in image) image.close();
}

/** @param {any} frame @returns {Promise<{width: number, height: number}>} */
export async function sizeOf(frame) {
  if (frame instanceof Blob) {
    const bitmap = await createImageBitmap(frame);
    const { width, height } = bitmap;
    bitmap.close();
    return { width, height };
  }
  return { width: frame.displayWidth ?? frame.width, height: frame.displayHeight ?? frame.height };
}
