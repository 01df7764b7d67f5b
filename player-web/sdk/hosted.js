import { workerAt } from "./worker_at.js";

/**
 * An object of this SDK that is told by calls and tells by news, in a worker of its own; in this thread where a worker
 * cannot be had (a policy that forbids it, an old browser).
 *
 * @typedef {object} Hosted
 * @property {(name: string, rest?: any[], transfer?: Transferable[]) => void} call
 * @property {() => void} close
 * @property {boolean} offThread
 */

/**
 * @template News
 * @param {object} what
 * @param {URL | null} what.worker its script takes `[call, ...arguments]`; null = in this thread
 * @param {() => Promise<new (tell: (news: News) => void) => any>} what.load the same, for this thread
 * @param {string} [what.remember] the last call of that name is made again where a worker proves not to load
 * @param {() => void} [what.lost] it did not: what was handed to it is gone, and may be given again
 * @param {(news: News) => void} onNews
 * @returns {Hosted}
 */
export function host({ worker: script, load, remember, lost }, onNews) {
  const worker = script && workerAt(script);
  if (!worker) return inThread(load, onNews);
  /** @type {Hosted | null} */
  let instead = null;
  /** @type {any[] | null} */
  let remembered = null;
  worker.onmessage = ({ data }) => onNews(data);
  worker.onerror = () => {
    // It did not even load. What was sent to it is lost; the next call is not.
    if (instead) return;
    instead = inThread(load, onNews);
    hosted.offThread = false;
    if (remember && remembered) instead.call(remember, remembered);
    lost?.();
  };
  const hosted = {
    offThread: true,
    /** @type {Hosted['call']} */
    call: (name, rest = [], transfer = []) => {
      if (name === remember) remembered = rest;
      if (instead) instead.call(name, rest);
      else worker.postMessage([name, ...rest], transfer);
    },
    close: () => {
      worker.terminate();
      instead?.close();
    },
  };
  return hosted;
}

/**
 * @template News
 * @param {() => Promise<new (tell: (news: News) => void) => any>} load
 * @param {(news: News) => void} onNews
 * @returns {Hosted}
 */
function inThread(load, onNews) {
  /** @type {any} */
  let made = null;
  /** @type {((object: any) => void)[]} */
  const early = [];
  load().then((Kind) => {
    made = new Kind(onNews);
    for (const use of early.splice(0)) use(made);
  });
  /** @param {(object: any) => void} use */
  const then = (use) => {
    if (made) use(made);
    else early.push(use);
  };
  return {
    offThread: false,
    call: (name, rest = []) => then((object) => object[name](...rest)),
    close: () => then((object) => object.close()),
  };
}
