/** A good stream beside the trouble: it must lose nothing while a whole test file is at it. */
import assert from "node:assert/strict";
import { frameIndexes, LiveSource } from "./live_source.mjs";
import { BareViewer, HttpViewer } from "./viewer.mjs";
import { layoutOf } from "./webm.mjs";

export class Neighbour {
  /** @param {LiveSource} source @param {BareViewer} bare @param {HttpViewer} http */
  constructor(source, bare, http) {
    Object.assign(this, { source, bare, http });
    this.source = source;
    this.viewers = [bare, http];
  }

  /** @param {import('./server.mjs').Server} server */
  static async start(server, name = "good/neighbour") {
    const http = new HttpViewer(server, `${name}?wait=30`);
    const bare = await BareViewer.open(server, name);
    const source = await LiveSource.start(server, name, { messagesPerSecond: 30, bytes: 2000 });
    await http.answered();
    return new Neighbour(source, bare, http);
  }

  /** Ends the stream; every frame must have reached both viewers, in order. */
  async finish() {
    const { ws, error } = this.source.publisher;
    assert.deepEqual([ws.closedWith, error], [null, null], "the good publisher was closed");
    const seen = this.source.frames;
    await this.source.untilFrames(seen + 5);
    await this.source.stop();
    const [bare, http] = /** @type {[BareViewer, HttpViewer]} */ (this.viewers);
    await Promise.all([bare.ended(), http.ended()]);
    const all = Array.from({ length: this.source.frames }, (_, i) => i);
    for (const viewer of this.viewers) {
      assert.deepEqual(frameIndexes(viewer.bytes, layoutOf(viewer.bytes)), all);
    }
  }
}
