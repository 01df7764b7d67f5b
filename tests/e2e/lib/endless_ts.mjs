/**
 * An MPEG-TS without end: a short one over and over, whose times and counters go on. Once what stands where
 * is known, a round costs a copy.
 */

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { moveReference, readTime, writeTime } from "./odd_clock.mjs";
import { ffmpeg, VIDEO_SOURCE } from "./odd_media.mjs";

const TICKS = 90;
/** Where pictures at 25 a second and AAC at 48 kHz both begin anew. */
export const ROUND_MS = 6400;
export const ROUND_PICTURES = 160;
export const ROUND_SOUNDS = 300;

/** One round: H.264 with B-frames, a keyframe at its start and its half, and AAC. Each by itself, for FFmpeg ends all when one has its count. */
export async function roundOfTs() {
  const video =
    `-f lavfi -i ${VIDEO_SOURCE} -c:v libx264 -preset veryfast -bf 2 -g 80 -sc_threshold 0 ` +
    `-pix_fmt yuv420p -frames:v ${ROUND_PICTURES} -f nut -`;
  const audio = `-f lavfi -i sine=frequency=440:sample_rate=48000 -c:a aac -b:a 64k -frames:a ${ROUND_SOUNDS} -f nut -`;
  const dir = mkdtempSync(join(tmpdir(), "framewire-round-"));
  try {
    for (const [name, args] of [
      ["v.nut", video],
      ["a.nut", audio],
    ])
      writeFileSync(join(dir, name), await ffmpeg(args.split(" ")));
    const inputs = ["v.nut", "a.nut"].flatMap((name) => ["-i", join(dir, name)]);
    const muxer = "-c copy -muxdelay 0 -muxpreload 0 -pes_payload_size 0 -f mpegts -";
    return await ffmpeg(["-copyts", ...inputs, ...muxer.split(" ")]);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

export class EndlessTs {
  /** @type {{at: number, pts: number, dts: number, dtsAt: number, picture: boolean}[]} */ #times =
    [];
  /** @type {number[]} packets with a reference clock */ #references = [];
  /** @type {{at: number, pid: number}[]} packets that count */ #counted = [];
  /** @type {Record<number, number>} */ #counters = {};
  #round;

  /** @param {Buffer} round whole packets */
  constructor(round) {
    this.#round = round;
    for (let at = 0; at < round.length; at += 188) {
      const packet = round.subarray(at, at + 188);
      const pid = packet.readUInt16BE(1) & 0x1fff;
      if (packet[3] & 0x10) this.#counted.push({ at, pid });
      if (packet[3] & 0x20 && packet[4] > 0 && packet[5] & 0x10) this.#references.push(at);
      const payload = packet[3] & 0x20 ? 5 + packet[4] : 4;
      if (!(packet[1] & 0x40) || pid < 256 || packet.readUIntBE(payload, 3) !== 1) continue;
      const picture = packet[payload + 3] >= 0xe0 && packet[payload + 3] < 0xf0;
      const both = packet[payload + 7] >> 6 === 3;
      const pts = readTime(packet, payload + 9);
      this.#times.push({
        at: at + payload + 9,
        pts,
        dts: both ? readTime(packet, payload + 14) : pts,
        dtsAt: both ? at + payload + 14 : -1,
        picture,
      });
    }
  }

  /** How many pictures and sounds are in a round. */
  get counts() {
    const pictures = this.#times.filter((one) => one.picture).length;
    return { pictures, sounds: this.#times.length - pictures };
  }

  /** The next round. @param {number} fromMs @param {{restarts?: boolean, outlier?: number}} [how] restarts: as another encoder's first packets; outlier: this picture's time, 3 h ahead */
  next(fromMs, { restarts = false, outlier = -1 } = {}) {
    if (restarts) this.#counters = {};
    const out = Buffer.from(this.#round);
    const by = Math.round(fromMs * TICKS);
    let picture = 0;
    for (const { at, pts, dts, dtsAt, picture: shown } of this.#times) {
      const ahead = shown && picture++ === outlier ? 3 * 3_600_000 * TICKS : 0;
      writeTime(out, at, pts + by + ahead);
      if (dtsAt >= 0) writeTime(out, dtsAt, dts + by + ahead);
    }
    for (const at of this.#references) moveReference(out.subarray(at, at + 188), by);
    for (const { at, pid } of this.#counted) {
      this.#counters[pid] = ((this.#counters[pid] ?? -1) + 1) & 15;
      out[at + 3] = (out[at + 3] & 0xf0) | this.#counters[pid];
    }
    return out;
  }
}
