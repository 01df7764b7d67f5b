/**
 * A file of the visitor's, played in a loop and captured as it plays. Any file that the browser plays will do.
 *
 * @param {File | null} file
 * @returns {Promise<import('./inputs.js').Source>}
 */
export async function playFile(file) {
  if (!file) throw new DOMException("no file", "AbortError");
  /** @type {HTMLVideoElement & {captureStream?: () => MediaStream, mozCaptureStream?: () => MediaStream}} */
  const video = document.createElement("video");
  const url = URL.createObjectURL(file);
  const close = () => {
    video.pause();
    video.removeAttribute("src");
    video.load();
    URL.revokeObjectURL(url);
  };
  video.src = url;
  video.loop = true;
  video.playsInline = true;
  try {
    await new Promise((resolve, reject) => {
      video.onplaying = resolve;
      video.onerror = () => reject(new DOMException("cannot be played", "EncodingError"));
      video.play().catch(reject);
    });
    const capture = video.captureStream ?? video.mozCaptureStream;
    if (!capture) throw new DOMException("cannot capture", "NotSupportedError");
    const stream = capture.call(video);
    return {
      stream,
      close: () => {
        for (const track of stream.getTracks()) track.stop();
        close();
      },
    };
  } catch (error) {
    close();
    throw error;
  }
}
