export class LiveChaser {
    /**
     * @param {{audio: boolean, prompt?: boolean, targetMs?: number}} options `prompt`: the browser shows a picture as soon
     *   as it has it; `targetMs`: slack to keep, in milliseconds; default 50, with audio 250; prompt 20 and 200
     */
    constructor({ audio, prompt, targetMs }: {
        audio: boolean;
        prompt?: boolean;
        targetMs?: number;
    });
    /** Slack to keep, in seconds. */
    get target(): number;
    /** The least that was ahead lately, in seconds; undefined before the first sample. */
    get slack(): number | undefined;
    /**
     * Called before each append.
     *
     * @param {number} nowMs any steady clock
     * @param {number} ahead seconds buffered ahead of the playhead
     */
    sample(nowMs: number, ahead: number): void;
    /**
     * Playback ran dry.
     *
     * @param {number} nowMs
     */
    stalled(nowMs: number): void;
    /** The playhead was moved, so what was sampled says nothing any more. */
    moved(): void;
    /**
     * @param {number} nowMs
     * @returns {{rate: number, jump: boolean}} `rate` to play at; `jump`: too far behind to catch up
     *   by rate, seek to the target instead
     */
    decide(nowMs: number): {
        rate: number;
        jump: boolean;
    };
    #private;
}
