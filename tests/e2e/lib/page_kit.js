// Runs inside a page, as one expression: `window.kit`, what the browser tests publish, play and measure with.
// The test picture: a row of 16 black or white cells that spell the frame's number, a row that spells its
// complement, and six blocks of known colours. All by fractions of the canvas, so that it may change size.
(() => {
  const BITS = 16;
  const COLOURS = [
    [200, 40, 40],
    [40, 180, 60],
    [50, 70, 210],
    [220, 200, 60],
    [40, 180, 190],
    [180, 60, 180],
  ];
  const row = (canvas) => Math.round(canvas.height / 6);

  function paint(context, number) {
    const { canvas } = context;
    const [w, h] = [canvas.width / BITS, row(canvas)];
    for (let bit = 0; bit < BITS; ++bit) {
      const on = (number >> bit) & 1;
      context.fillStyle = on ? "#fff" : "#000";
      context.fillRect(bit * w, 0, w, h);
      context.fillStyle = on ? "#000" : "#fff";
      context.fillRect(bit * w, h, w, h);
    }
    const block = canvas.width / COLOURS.length;
    COLOURS.forEach(([r, g, b], i) => {
      context.fillStyle = `rgb(${r},${g},${b})`;
      context.fillRect(i * block, 2 * h, block, canvas.height - 2 * h);
    });
  }

  const now = () => Math.round(performance.now());

  const pixel = (image, x, y) => {
    const at = (Math.floor(y) * image.width + Math.floor(x)) * 4;
    return [...image.data.subarray(at, at + 3)];
  };

  /** The number in a picture; null: not readable. */
  function readNumber(image) {
    const [w, h] = [image.width / BITS, row(image)];
    let number = 0;
    for (let bit = 0; bit < BITS; ++bit) {
      const [a] = pixel(image, (bit + 0.5) * w, h * 0.5);
      const [b] = pixel(image, (bit + 0.5) * w, h * 1.5);
      if (Math.abs(a - b) < 60) return null;
      if (a > b) number |= 1 << bit;
    }
    return number;
  }

  /** The same of a line of each row. */
  function readLines(upper, lower) {
    let number = 0;
    for (let bit = 0; bit < BITS; ++bit) {
      const at = Math.floor(((bit + 0.5) * upper.width) / BITS) * 4;
      const [a, b] = [upper.data[at], lower.data[at]];
      if (Math.abs(a - b) < 60) return null;
      if (a > b) number |= 1 << bit;
    }
    return number;
  }

  /** The largest difference of a colour block from what was painted, 0 to 255. */
  function colourError(image) {
    const block = image.width / COLOURS.length;
    const y = (2 * row(image) + image.height) / 2;
    const errors = COLOURS.map((want, i) => {
      const got = pixel(image, (i + 0.5) * block, y);
      return Math.max(...want.map((c, k) => Math.abs(c - got[k])));
    });
    return Math.max(...errors);
  }

  async function canvasStream({ fps = 25, width = 640, height = 360, sound = true }) {
    const canvas = document.createElement("canvas");
    Object.assign(canvas, { width, height });
    const context = canvas.getContext("2d", { alpha: false });
    const source = { canvas, painted: 0 };
    const next = () => paint(context, ++source.painted & 0xffff);
    next();
    setInterval(next, 1000 / fps);
    const stream = canvas.captureStream(fps);
    if (sound) {
      const microphone = await navigator.mediaDevices.getUserMedia({ audio: true });
      stream.addTrack(microphone.getAudioTracks()[0]);
    }
    kit.source = source;
    return stream;
  }

  const camera = ({ sound = true, width = 640, height = 360, frameRate }) =>
    navigator.mediaDevices.getUserMedia({ video: { width, height, frameRate }, audio: sound });

  /** `only`: what the recorder's type must contain, to choose between those that the SDK would take. */
  function narrowRecorder(only) {
    const real = MediaRecorder.isTypeSupported.bind(MediaRecorder);
    MediaRecorder.isTypeSupported = (type) => type.includes(only) && real(type);
  }

  async function publish(url, { source = "camera", only = "", options = {}, ...rest }) {
    if (only) narrowRecorder(only);
    const stream = await (source === "camera" ? camera(rest) : canvasStream(rest));
    kit.stream = stream;
    const sdk = await import("/framewire.js");
    // A busy machine is no slow network: no other recording in the middle of what is measured.
    kit.publication = sdk.publish(stream, url, { adaptive: false, ...options });
    await live(kit.publication);
    return kit.publication.stats.mimeType;
  }

  /** Three lines of hand-written JavaScript, no SDK. */
  async function publishBare(
    url,
    { source = "camera", mimeType, timeslice = 100, keyframeMs = 1000, ...rest },
  ) {
    const stream = await (source === "camera" ? camera(rest) : canvasStream(rest));
    kit.stream = stream;
    const socket = new WebSocket(url);
    await new Promise((resolve, reject) =>
      Object.assign(socket, { onopen: resolve, onerror: reject }),
    );
    const recorder = new MediaRecorder(stream, {
      mimeType,
      videoKeyFrameIntervalDuration: keyframeMs,
    });
    recorder.ondataavailable = ({ data }) => socket.send(data);
    recorder.start(timeslice);
    kit.publication = {
      stop: () =>
        new Promise((resolve) => {
          recorder.onstop = () => {
            socket.close(1000);
            resolve();
          };
          recorder.stop();
        }),
    };
    return recorder.mimeType;
  }

  /** Done when live; throws what went wrong. */
  const live = (peer) =>
    new Promise((resolve, reject) => {
      const look = () => peer.state === "live" && resolve();
      peer.addEventListener("state", look);
      peer.addEventListener("error", (event) =>
        reject(new Error(`${event.detail.code}: ${event.detail.message}`)),
      );
      look();
    });

  function snapshot(video, width = video.videoWidth, height = video.videoHeight) {
    const canvas = new OffscreenCanvas(width, height);
    const context = canvas.getContext("2d", { willReadFrequently: true });
    context.drawImage(video, 0, 0, width, height);
    return context.getImageData(0, 0, width, height);
  }

  /** By the element's own count. */
  function rendered(video) {
    const { totalVideoFrames, droppedVideoFrames } = video.getVideoPlaybackQuality();
    return totalVideoFrames - droppedVideoFrames;
  }

  /** Every picture the element presents is looked at. */
  function observe(video, seen, numbered) {
    const look = (_now, frame) => {
      const { presentedFrames: presented, mediaTime } = frame;
      const state = { presented, mediaTime, rendered: rendered(video) };
      seen.first ??= { ...state, at: performance.now() };
      if (seen.joinedAtMs !== null && frame.mediaTime * 1000 >= seen.joinedAtMs - 1) {
        seen.joined ??= state;
      }
      seen.last = state;
      ++seen.callbacks;
      seen.mediaTimes.push(frame.mediaTime);
      const size = `${video.videoWidth}x${video.videoHeight}`;
      if (seen.sizes.at(-1) !== size) seen.sizes.push(size);
      if (numbered) {
        const image = snapshot(video);
        const number = readNumber(image);
        if (number === null) ++seen.unreadable;
        else (seen.joined ? seen.numbers : seen.early).push(number);
        if (seen.callbacks % 10 === 0) seen.colourErrors.push(colourError(image));
      } else if (seen.callbacks % 20 === 5 && seen.snapshots.length < 8) {
        seen.snapshots.push({
          mediaTime: frame.mediaTime,
          rgba: [...snapshot(video, 64, 36).data],
        });
      }
      video.requestVideoFrameCallback(look);
    };
    video.requestVideoFrameCallback(look);
  }

  /** What the element plays, recorded: Firefox has no running AudioContext without a sound card. */
  async function recordSound(ms) {
    const { video } = kit;
    const stream = video.captureStream ? video.captureStream() : video.mozCaptureStream();
    const recorder = new MediaRecorder(new MediaStream(stream.getAudioTracks()), {
      mimeType: "audio/webm;codecs=opus",
    });
    const blobs = [];
    recorder.ondataavailable = ({ data }) => blobs.push(data);
    const stopped = new Promise((resolve) => {
      recorder.onstop = resolve;
    });
    recorder.start();
    setTimeout(() => recorder.stop(), ms);
    await stopped;
    const bytes = new Uint8Array(await new Blob(blobs).arrayBuffer());
    return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
  }

  /** Notes when the page's first WebSocket opens, and from which time on its media is to be shown. */
  function watchSockets(seen) {
    const Real = window.WebSocket;
    window.WebSocket = class extends Real {
      constructor(...args) {
        super(...args);
        this.addEventListener("open", () => {
          seen.openedAt ||= performance.now();
        });
        this.addEventListener("message", ({ data }) => {
          if (data instanceof ArrayBuffer && seen.joinedAtMs === null) noteJoin(data, seen);
        });
      }
    };
  }

  /** The first media part that is not lead-in: where the viewer's own time begins. */
  function noteJoin(data, seen) {
    const header = new DataView(data);
    const [media, leadIn] = [header.getUint8(0) === 2, (header.getUint8(1) & 2) !== 0];
    if (media && !leadIn) seen.joinedAtMs = Number(header.getBigInt64(16)) / 1000;
  }

  async function watch(url, { numbered = false, options = {} } = {}) {
    const seen = {
      callbacks: 0,
      unreadable: 0,
      numbers: [],
      early: [],
      mediaTimes: [],
      joinedAtMs: null,
      sizes: [],
      snapshots: [],
      colourErrors: [],
      first: null,
      joined: null,
      events: [],
      last: null,
      openedAt: 0,
      states: [],
      error: "",
    };
    kit.seen = seen;
    const sdk = await import("/framewire.js");
    watchSockets(seen);
    const video = document.createElement("video");
    document.documentElement.append(video);
    kit.video = video;
    observe(video, seen, numbered);
    for (const type of ["seeking", "waiting", "ratechange"]) {
      video.addEventListener(type, () => seen.events.push([type, now(), video.currentTime]));
    }
    const player = sdk.play(video, url, options);
    kit.player = player;
    player.addEventListener("state", () => seen.states.push(player.state));
    player.addEventListener(
      "error",
      (event) => (seen.error = `${event.detail.code}: ${event.detail.message}`),
    );
    return true;
  }

  const progress = () => ({
    first: kit.seen.first,
    last: kit.seen.last,
    error: kit.seen.error,
  });

  const report = () => ({
    ...kit.seen,
    state: kit.player.state,
    stats: kit.player.stats,
    rate: kit.video.playbackRate,
  });

  const kit = {
    publish,
    publishBare,
    watch,
    report,
    progress,
    recordSound,
    snapshot,
    paint,
    readNumber,
    readLines,
    colourError,
    canvasStream,
    camera,
  };
  window.kit = kit;
  return true;
})();
