export class FilmSound {
    /** @param {SoundForm | AudioBuffer} form an AudioBuffer is all of the sound */
    constructor(form: SoundForm | AudioBuffer);
    /** As the server is told. */
    get hello(): {
        codec: string;
        sample_rate: number;
        channels: number;
    };
    /** @param {Samples} samples */
    add(samples: Samples): void;
    /**
     * What is to be sent so that the sound reaches a time of the film, if there is so much.
     *
     * @param {number} seconds
     * @param {(bytes: number) => Uint8Array<ArrayBuffer>} room
     * @param {(room: Uint8Array<ArrayBuffer>, first: number) => void} push
     */
    upTo(seconds: number, room: (bytes: number) => Uint8Array<ArrayBuffer>, push: (room: Uint8Array<ArrayBuffer>, first: number) => void): void;
    #private;
}
/**
 * The sound of a film that is rendered: samples that wait until the frames have come to their time.
 */
export type SoundForm = {
    sampleRate: number;
    numberOfChannels: number;
};
/**
 * floats of all channels in turn, or an AudioBuffer
 */
export type Samples = Float32Array | AudioBuffer;
