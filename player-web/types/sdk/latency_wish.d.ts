/**
 * @param {{latency?: Latency, targetMs?: number}} options of play()
 * @returns {LatencyWish}
 */
export function latencyWish({ latency, targetMs }: {
    latency?: Latency;
    targetMs?: number;
}): LatencyWish;
/**
 * What `latency` means to each way of showing a stream. Pure.
 */
export type Latency = "lowest" | "low" | "smooth" | number;
/**
 * What `latency` means to each way of showing a stream. Pure.
 */
export type LatencyWish = {
    /**
     * kept ahead in a SourceBuffer; undefined = its own default
     */
    mseMs: number | undefined;
    /**
     * how long pictures without sound are held back, to come at an even pace
     */
    pictureMs: number;
    /**
     * that are kept before the loudspeaker
     */
    soundMs: number;
    /**
     * how much sooner than its sound a picture may be painted
     */
    earlyMs: number;
    /**
     * sound that nobody hears holds no picture back
     */
    mutedAtOnce: boolean;
};
