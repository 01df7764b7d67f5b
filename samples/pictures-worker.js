// The worker of pictures-worker.html: takes pictures by postMessage and publishes them as JPEG.
import { publish } from "/framewire.js";

/** @type {import('../player-web/sdk/picture_publication.js').PicturePublication | null} */
let publication = null;

addEventListener("message", ({ data }) => {
  if (data.url) {
    const started = publish(null, data.url, { as: "pictures", fps: 0 });
    started.on("state", (state) => postMessage({ state, watchUrl: started.watchUrl }));
    publication = started;
  } else if (publication) publication.frame(data.frame);
  else data.frame.close();
});
