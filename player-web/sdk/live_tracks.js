import { FramewireError } from "./errors.js";

/**
 * The tracks of a MediaStream that live: those that a publication is made of, and whether they still are. One that has
 * ended is left alone: a recorder that was promised sound by it never finishes in Firefox.
 */
export class LiveTracks {
  #stream;
  /** What is made of them now, by id. */
  #used = "";

  /** @param {MediaStream} stream */
  constructor(stream) {
    this.#stream = stream;
  }

  get all() {
    return this.#stream.getTracks().filter(({ readyState }) => readyState !== "ended");
  }

  /** @param {'video' | 'audio'} kind @returns {MediaStreamTrack | undefined} */
  first(kind) {
    return this.all.find((track) => track.kind === kind);
  }

  get ended() {
    return this.all.length === 0;
  }

  /** Those of now are used. @returns {MediaStream} of them: the stream itself, if that is all of it */
  use() {
    const { all } = this;
    this.#used = idsOf(all);
    return all.length === this.#stream.getTracks().length ? this.#stream : new MediaStream(all);
  }

  /** Why what was made of them no longer fits, in words; '' = it does. */
  get changed() {
    const { all } = this;
    // What was put in another's place is not used yet.
    if (!this.#used || all.length === 0 || idsOf(all) === this.#used) return "";
    const lost = this.#used.split(" ").find((id) => !all.some((track) => track.id === id));
    if (!lost) return "A track was added to the stream.";
    const left = all.map(({ kind }) => (kind === "video" ? "picture" : "sound")).join(" and ");
    return `A camera, microphone or screen is gone: the stream goes on with ${left}. To bring it back, open it anew and call replace().`;
  }
}

/** @param {MediaStreamTrack[]} tracks */
const idsOf = (tracks) => tracks.map(({ id }) => id).join(" ");

export const noLiveTrack = () =>
  new FramewireError(
    "bad-source",
    "The stream has no live track. Ask for camera, microphone or screen anew.",
  );
