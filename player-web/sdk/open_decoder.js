import { workerAt } from "./worker_at.js";

/**
 * A FrameDecoder in a worker; in the page where a worker cannot be had (a policy that forbids it, an old browser).
 *
 * @typedef {object} Decoder
 * @property {(name: 'begin' | 'part', rest: any[], transfer: Transferable[]) => void} call
 * @property {() => void} close
 *
 * @param {(news: import('./frame_decoder.js').News) => void} onNews
 * @returns {Decoder}
 */
export function openDecoder(onNews) {
  const worker = workerAt(new URL("./decode_worker.js", import.meta.url));
  if (!worker) return inPage(onNews);
  /** @type {Decoder | null} */
  let instead = null;
  /** @type {[ 'begin' | 'part', any[]] | null} */
  let begun = null;
  worker.onmessage = ({ data }) => onNews(data);
  worker.onerror = () => {
    // It did not even load. What was sent to it is lost; the next part is not.
    instead ??= inPage(onNews);
    if (begun) instead.call(begun[0], begun[1], []);
  };
  return {
    call: (name, rest, transfer) => {
      if (name === "begin") begun = [name, rest];
      if (instead) instead.call(name, rest, transfer);
      else worker.postMessage([name, ...rest], transfer);
    },
    close: () => {
      worker.terminate();
      instead?.close();
    },
  };
}

/** @param {(news: import('./frame_decoder.js').News) => void} onNews @returns {Decoder} */
function inPage(onNews) {
  const loaded = import("./frame_decoder.js").then(
    ({ FrameDecoder }) => new FrameDecoder((news) => onNews(news)),
  );
  return {
    call: (name, rest) => {
      loaded.then((decoder) => /** @type {any} */ (decoder)[name](...rest));
    },
    close: () => {
      loaded.then((decoder) => decoder.close());
    },
  };
}
