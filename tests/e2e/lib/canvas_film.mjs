/** A page that renders a film with recordCanvas(), each frame with its number in it (counter.mjs). */

/**
 * @typedef {object} FilmWish
 * @property {string} url
 * @property {number} [frames] default: until the page's `enough` is set
 * @property {number} [stopAfter] frames that are drawn; default all
 * @property {number} [paceMs] waits so long after each
 * @property {number} [width] default 320
 * @property {number} [height] default 180
 * @property {'2d' | 'webgl' | 'offscreen'} [kind] default 2d
 * @property {Record<string, any>} [options] more of recordCanvas()
 */

/**
 * What it gives: the file's facts or the error's code, and how long it took.
 *
 * @param {any} page a playwright page at the server's origin @param {FilmWish} wish
 * @returns {Promise<any>}
 */
export const renderFilm = (page, wish) =>
  page.evaluate(
    async (
      /** @type {FilmWish} */ {
        url,
        frames,
        width = 320,
        height = 180,
        kind,
        options,
        stopAfter,
        paceMs = 0,
      },
    ) => {
      const sdk = "/framewire.js";
      const { recordCanvas } = await import(sdk);
      const canvas =
        kind === "offscreen"
          ? new OffscreenCanvas(width, height)
          : Object.assign(document.createElement("canvas"), { width, height });
      const draw = kind === "webgl" ? webGl(canvas) : flat(canvas);

      /** The number's 16 bars on the upper quarter, over a picture that moves. @param {any} at */
      function flat(at) {
        const g = at.getContext("2d", { alpha: false });
        const cell = 20;
        const columns = Math.ceil(width / cell);
        const cells = columns * Math.ceil(height / cell);
        return (/** @type {number} */ n) => {
          // As counterFrame() has them: whole pixels, so that both give the same bytes.
          for (let i = 0; i < cells; i++) {
            const [column, line] = [i % columns, Math.floor(i / columns)];
            g.fillStyle = `rgb(${(i * 37 + n * 5) & 255} ${(i * 91 + line * n) & 255} ${(i * 53 + n) & 255})`;
            g.fillRect(column * cell, line * cell, cell, cell);
          }
          for (let i = 0; i < 60; i++) {
            g.fillStyle = `rgb(${(i * 41) & 255} ${(i * 13 + n) & 255} ${(255 - i * 4) & 255})`;
            g.fillRect((i * 97 + n * 3) % width, (i * 53 + n * (i % 5)) % height, 40, 40);
          }
          for (let bit = 0; bit < 16; bit++) {
            g.fillStyle = (n >> (15 - bit)) & 1 ? "#fff" : "#000";
            g.fillRect((bit * width) / 16, 0, width / 16, height / 4);
          }
        };
      }
      /** @param {any} at */
      function webGl(at) {
        const gl = at.getContext("webgl2"); // as most do: alpha, and no preserveDrawingBuffer
        gl.enable(gl.SCISSOR_TEST);
        const fill = (/** @type {number[]} */ [x, y, w, h], /** @type {number[]} */ [r, g, b]) => {
          gl.scissor(x, y, w, h); // from below
          gl.clearColor(r, g, b, 1);
          gl.clear(gl.COLOR_BUFFER_BIT);
        };
        return (/** @type {number} */ n) => {
          fill([0, 0, width, height], [0.1, (n % 50) / 50, 0.3]);
          for (let i = 0; i < 20; i++)
            fill([(i * 97 + n * 3) % width, (i * 31) % (height / 2), 30, 30], [i / 20, 0.5, 0.9]);
          for (let bit = 0; bit < 16; bit++) {
            const v = (n >> (15 - bit)) & 1;
            fill([(bit * width) / 16, height * 0.75, width / 16, height / 4], [v, v, v]);
          }
        };
      }

      const recorder = recordCanvas(canvas, { url, fps: 30, frames, ...options });
      Object.assign(globalThis, { recorder, filmed: canvas });
      /** @type {any[]} */ const told = [];
      recorder.on("progress", (/** @type {any} */ progress) => told.push(progress));
      const begun = performance.now();
      try {
        const last = stopAfter ?? frames ?? Infinity;
        for (let n = 0; n < last && !(/** @type {any} */ (globalThis).enough); n++) {
          draw(n);
          await recorder.frame();
          if (paceMs) await new Promise((resolve) => setTimeout(resolve, paceMs));
        }
        const file = await recorder.finish();
        const seconds = (performance.now() - begun) / 1000;
        return { ...file, seconds, told, state: recorder.state, stats: recorder.stats };
      } catch (error) {
        const { code, message, partial } = /** @type {any} */ (error);
        return { code, message, partial, told, state: recorder.state };
      }
    },
    wish,
  );
