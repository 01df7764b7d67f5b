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
export function host<News>({ worker: script, load, remember, lost }: {
    worker: URL | null;
    load: () => Promise<new (tell: (news: News) => void) => any>;
    remember?: string | undefined;
    lost?: (() => void) | undefined;
}, onNews: (news: News) => void): Hosted;
/**
 * An object of this SDK that is told by calls and tells by news, in a worker of its own; in this thread where a worker
 * cannot be had (a policy that forbids it, an old browser).
 */
export type Hosted = {
    call: (name: string, rest?: any[], transfer?: Transferable[]) => void;
    close: () => void;
    offThread: boolean;
};
