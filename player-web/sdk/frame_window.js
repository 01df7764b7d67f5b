import { FRAME_ROOM, KIND_INIT, KIND_MEDIA, KIND_SOUND, writeFrameHeader } from "./wire.js";

/**
 * The frames of a lossless capture, and the sound beside them, on their way: which may be sent (the server's credit), and
 * those that are kept until the server has them. Nothing is ever left out, and nothing is copied: a frame stands in a *room*,
 * FRAME_ROOM bytes and then the frame; a piece of it is sent with its header over what stands before it, which
 * is put back at once, for send() has copied the message. A room is used again when its frame has arrived.
 *
 *     | FRAME_ROOM |  piece 0  |  piece 1  | ..
 *      [  header  ][ message 0 ]
 *                      [ header ][ message 1 ]
 */

/** Chromium sends pieces of this size twice as fast as megabytes. */
const PIECE_BYTES = 256 << 10;
/** More would be memory that is only kept for later. */
const SPARE_ROOMS = 4;

/**
 * @typedef {object} KeptPiece
 * @property {number} kind
 * @property {number} sequence
 * @property {number} frame
 * @property {boolean} more
 * @property {number | null} hash
 * @property {Uint8Array<ArrayBuffer>} room
 * @property {number} at in it
 * @property {number} end
 * @property {number} bytes of its message
 */

export class FrameWindow {
  /** @type {KeptPiece[]} */
  #kept = [];
  #sent = 0; // of #kept
  #next = 0;
  #frames = 0;
  #credit = 0;
  #waitingBytes = 0;
  /** @type {Uint8Array<ArrayBuffer>[]} */
  #spare = [];

  /** Frames that were pushed. */
  get frames() {
    return this.#frames;
  }

  /** Frames with a lower number may be sent. */
  get credit() {
    return this.#credit;
  }

  /** Bytes that the server has not acknowledged. */
  get waitingBytes() {
    return this.#waitingBytes;
  }

  get empty() {
    return this.#kept.length === 0;
  }

  /** @param {number} frames never fewer than before: a credit is not taken back */
  grant(frames) {
    this.#credit = Math.max(this.#credit, frames);
  }

  /**
   * For a frame of so many bytes, which goes behind FRAME_ROOM.
   *
   * @param {number} bytes
   * @returns {Uint8Array<ArrayBuffer>} whatever was in it
   */
  room(bytes) {
    const size = FRAME_ROOM + bytes;
    const last = this.#spare.pop();
    if (last?.byteLength === size) return last;
    this.#spare = [];
    return new Uint8Array(size);
  }

  /**
   * The next frame; there is credit for it.
   *
   * @param {Uint8Array<ArrayBuffer>} room of room(), the window's from now on
   * @param {number | null} hash XXH32 of the frame; null = none is asked for
   */
  push(room, hash) {
    const frame = this.#frames;
    if (frame >= this.#credit) throw new RangeError(`frame ${frame} without credit`);
    this.#frames += 1;
    for (let at = FRAME_ROOM; at < room.byteLength; at += PIECE_BYTES) {
      const end = Math.min(at + PIECE_BYTES, room.byteLength);
      this.#keep({ kind: KIND_MEDIA, frame, more: end < room.byteLength, hash, room, at, end });
    }
  }

  /**
   * The config of frames that are packets, before the first one.
   *
   * @param {Uint8Array<ArrayBuffer>} header as packetsHeader() makes it
   */
  pushConfig(header) {
    const room = new Uint8Array(FRAME_ROOM + header.byteLength);
    room.set(header, FRAME_ROOM);
    const piece = { kind: KIND_INIT, frame: 0, more: false, hash: null };
    this.#keep({ ...piece, room, at: FRAME_ROOM, end: room.byteLength });
  }

  /**
   * Sound beside the frames, which needs no credit.
   *
   * @param {Uint8Array<ArrayBuffer>} room of room(), the window's from now on
   * @param {number} first number of its first sample
   */
  pushSound(room, first) {
    const end = room.byteLength;
    const piece = { kind: KIND_SOUND, frame: first, more: false, hash: null };
    this.#keep({ ...piece, room, at: FRAME_ROOM, end });
  }

  /** @param {Omit<KeptPiece, "sequence" | "bytes">} piece */
  #keep(piece) {
    const bytes = FRAME_ROOM - (piece.hash === null ? 4 : 0) + piece.end - piece.at;
    this.#kept.push({ ...piece, sequence: this.#next, bytes });
    this.#next += 1;
    this.#waitingBytes += bytes;
  }

  /**
   * Everything that was not sent, until it is not taken.
   *
   * @param {(message: Uint8Array<ArrayBuffer>) => boolean} take has copied it when it returns true
   */
  send(take) {
    for (; this.#sent < this.#kept.length; this.#sent += 1) {
      const piece = this.#kept[this.#sent];
      const { room, at, end } = piece;
      const before = room.slice(at - FRAME_ROOM, at);
      const taken = take(room.subarray(writeFrameHeader(room, at, piece), end));
      room.set(before, at - FRAME_ROOM);
      if (!taken) return;
    }
  }

  /** @param {number} sequence the server has every message up to and with this one */
  acknowledge(sequence) {
    let count = 0;
    while (count < this.#sent && this.#kept[count].sequence <= sequence) {
      const { kind, bytes, more, room } = this.#kept[count];
      this.#waitingBytes -= bytes;
      if (kind === KIND_MEDIA && !more && this.#spare.length < SPARE_ROOMS) this.#spare.push(room);
      count += 1;
    }
    this.#kept.splice(0, count);
    this.#sent -= count;
  }

  /**
   * After a lost connection: everything from `sequence` on is sent again.
   *
   * @param {number} sequence the next number that the server expects
   * @returns {boolean} false: the server wants what is no longer kept
   */
  resume(sequence) {
    this.acknowledge(sequence - 1);
    this.#sent = 0;
    return (this.#kept[0]?.sequence ?? this.#next) === sequence;
  }
}
