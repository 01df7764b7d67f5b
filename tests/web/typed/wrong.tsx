import { play, publish } from "framewire";
import type {} from "framewire/react";

const video = document.createElement("video");
play(video, "cam", { latency: "fast" });
play(video);
publish(document.createElement("canvas"), "cam", { fps: "30" });
play(video, "cam").on("nothing", () => {});

export const Live = () => <framewire-player sorce="/watch/cam" />;
