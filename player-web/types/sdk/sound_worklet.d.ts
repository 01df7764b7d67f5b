/**
 * Plays what comes with times, in an AudioWorklet: a queue of samples, a little resampling to hold the delay, silence
 * where samples are missing, and news of the time that is being played. Messages in: `{planes, rate, ptsUs}`,
 * `{flush: true}`, or `{waitMs}`, by how much the delay is to be longer; out: SoundNews.
 */
export type SoundNews = {
    /**
     * that is played
     */
    ptsUs: number;
    /**
     * at this time of the context, in seconds
     */
    at: number;
    bufferedMs: number;
    /**
     * how often it has run out
     */
    dry: number;
};
