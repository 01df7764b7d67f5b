import "framewire/player";
import { type FramewireError, framewire, play, publish, recordCanvas, subscribe } from "framewire";
import type {} from "framewire/react";

const video = document.createElement("video");
const player = play(video, "/watch/cam", { latency: "lowest", giveUpMs: 5_000 });
player.on("state", (state) => console.log(state === "live", player.stats.latencyMs));
player.on("error", (why: FramewireError) => console.log(why.code));
const element = document.createElement("framewire-player");
console.log(element.player?.state, document.querySelector("framewire-player")?.video.muted);

const { publish: send } = framewire("https://host:8443", { token: "k" });
send(document.createElement("canvas"), "cam", { as: "packets", fps: 30 }).say({ hello: 1 });
publish("/publish/raw", { format: "binary" })
  .send(new ArrayBuffer(1))
  .then(() => {});
subscribe("raw").on("message", ({ data, ptsUs }) => console.log(data, ptsUs));
recordCanvas(document.createElement("canvas"), { url: "film", fps: 30 }).frame();

export const Live = () => <framewire-player src="/watch/cam" muted latency="low" />;
