/** Pages for `framewire render`, whose every frame says which it is: 16 bars, as tests/e2e/lib/counter.mjs reads them. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { BITS } from "./counter.mjs";
import { run } from "./decode.mjs";

export const WIDTH = 320;
export const HEIGHT = 180;
export const FPS = 30;

/** Bars over the upper quarter of the picture, of a number. */
const BARS = `
function drawBars(paint, n) {
  const { width } = paint.canvas;
  for (let bit = 0; bit < ${BITS}; bit++) {
    paint.fillStyle = (n >> (${BITS} - 1 - bit)) & 1 ? "#fff" : "#000";
    paint.fillRect((bit * width) / ${BITS}, 0, width / ${BITS}, ${HEIGHT / 4});
  }
}`;

/** @param {string} body @param {string} script */
const page = (body, script) => `<!doctype html><meta charset="utf-8"><title>film</title>
<style>body { margin: 0; background: #888; overflow: hidden } canvas { display: block }</style>
${body}
<script>${BARS}
${script}
</script>`;

const COUNTER = `<canvas id="bars" width="${WIDTH}" height="${HEIGHT / 4}" style="position:absolute;top:0"></canvas>`;

/**
 * All that moves a page: CSS, a transition, Web Animations, WebGL, a video, timers, fetch, luck, SMIL, a shadow root, a frame.
 * The bars are counted by requestAnimationFrame's time.
 */
export const EVERYTHING = page(
  `<style>
  @keyframes go { from { left: 0 } to { left: 300px } }
  #css { position: absolute; top: 60px; width: 20px; height: 20px; background: red; animation: go 1s linear infinite }
  #later { position: absolute; top: 60px; left: 0; width: 9px; height: 9px; transition: transform 500ms; background: #0f0 }
  video, iframe { position: absolute; top: 100px; width: 80px; height: 60px; border: 0 }
  #gl { position: absolute; top: 100px; left: 90px }
  #text { position: absolute; top: 165px; font: 12px monospace }
  </style>${COUNTER}
  <div id="css"></div><div id="later"></div><div id="api" style="position:absolute;top:85px">o</div>
  <video src="clip.webm" autoplay muted></video><canvas id="gl" width="60" height="60"></canvas>
  <svg style="position:absolute;top:100px;left:160px" width="60" height="60"><rect width="10" height="10">
    <animate attributeName="x" from="0" to="50" dur="1s" repeatCount="indefinite"/></rect></svg>
  <div id="host"></div><iframe src="frame.html" style="left:230px"></iframe><div id="text"></div>`,
  `
  const text = document.getElementById("text");
  let ticks = 0, fetched = 0;
  setInterval(() => { ticks += 1; }, 40);
  setTimeout(() => { later.style.transform = "translateX(200px)"; }, 150);
  setTimeout(async () => { fetched = (await (await fetch("data.json")).json()).value; }, 200);
  api.animate([{ transform: "none" }, { transform: "translateX(200px)" }], { duration: 700, iterations: 9 });
  const root = host.attachShadow({ mode: "closed" });
  root.innerHTML = "<style>@keyframes s { to { opacity: 0 } } b { animation: s 1s infinite; position: absolute; top: 120px; left: 290px }</style><b>s</b>";
  const gl = document.getElementById("gl").getContext("webgl");
  const paint = document.getElementById("bars").getContext("2d");
  requestAnimationFrame(function draw(now) {
    drawBars(paint, Math.round((now * ${FPS}) / 1000));
    gl.clearColor((now % 1000) / 1000, 0.4, 0.2, 1);
    gl.clear(gl.COLOR_BUFFER_BIT);
    text.textContent = [Math.round(now), ticks, fetched, Date.now() % 100000, performance.now().toFixed(1),
      Math.random().toFixed(4), crypto.getRandomValues(new Uint8Array(1))[0]].join(" ");
    requestAnimationFrame(draw);
  });`,
);

export const INNER_FRAME = page(
  "<div id=n></div>",
  `let seen = 0;
  requestAnimationFrame(function draw(now) { seen += 1; n.textContent = Math.round(now) + " " + seen; requestAnimationFrame(draw); });`,
);

/** One canvas, as WebGL programs and games have it; its size is its own. */
export const CANVAS = page(
  `<p>words around it</p><canvas id="scene" width="${WIDTH}" height="${HEIGHT}"></canvas>`,
  `const paint = scene.getContext("2d");
  requestAnimationFrame(function draw(now) {
    paint.fillStyle = "#a33"; paint.fillRect(0, 0, ${WIDTH}, ${HEIGHT});
    drawBars(paint, Math.round((now * ${FPS}) / 1000));
    requestAnimationFrame(draw);
  });`,
);

/** Noise, slopes and edges that move, in a canvas of each kind. @param {"2d" | "webgl" | "clear" | "wide"} kind */
export const drawnBy = (kind) =>
  page(
    `<canvas id="scene" width="${WIDTH}" height="${HEIGHT}"></canvas>`,
    `const kind = "${kind}", [width, height] = [${WIDTH}, ${HEIGHT}];
  const drawn = kind === "webgl" ? new OffscreenCanvas(width, height) : scene;
  const paint = drawn.getContext("2d", { colorSpace: kind === "wide" ? "display-p3" : "srgb" });
  const gl = kind === "webgl" ? scene.getContext("webgl", { premultipliedAlpha: false }) : null;
  const shown = gl && shaderOf(gl);
  requestAnimationFrame(function draw(now) {
    paint.clearRect(0, 0, width, height);
    const sky = paint.createLinearGradient(0, 0, width, height);
    sky.addColorStop(0, "hsl(" + now / 10 + " 70% 30%)");
    sky.addColorStop(1, kind === "clear" ? "rgb(200 100 50 / 20%)" : "white");
    paint.fillStyle = sky;
    paint.fillRect(0, 0, width, kind === "clear" ? height / 2 : height);
    for (let x = 0; x < width; x += 3) {
      paint.fillStyle = "rgb(" + [0, 1, 2].map(() => 256 * Math.random()).join(" ") + ")";
      paint.fillRect(x, (now / 20 + x) % height, 2, 5);
    }
    if (shown) shown(drawn);
    requestAnimationFrame(draw);
  });
  /** A picture over all of it. */
  function shaderOf(gl) {
    const program = gl.createProgram();
    for (const [type, text] of [
      [gl.VERTEX_SHADER, "attribute vec2 at; varying vec2 v; void main() { v = at; gl_Position = vec4(at * 2. - 1., 0., 1.); }"],
      [gl.FRAGMENT_SHADER, "precision mediump float; varying vec2 v; uniform sampler2D t; void main() { gl_FragColor = vec4(texture2D(t, v).rgb, 1.); }"],
    ]) {
      const shader = gl.createShader(type);
      gl.shaderSource(shader, text);
      gl.compileShader(shader);
      gl.attachShader(program, shader);
    }
    gl.linkProgram(program);
    gl.useProgram(program);
    gl.bindBuffer(gl.ARRAY_BUFFER, gl.createBuffer());
    gl.bufferData(gl.ARRAY_BUFFER, new Float32Array([0, 0, 2, 0, 0, 2]), gl.STATIC_DRAW);
    gl.enableVertexAttribArray(0);
    gl.vertexAttribPointer(0, 2, gl.FLOAT, false, 0, 0);
    gl.bindTexture(gl.TEXTURE_2D, gl.createTexture());
    for (const name of ["WRAP_S", "WRAP_T"]) gl.texParameteri(gl.TEXTURE_2D, gl["TEXTURE_" + name], gl.CLAMP_TO_EDGE);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.NEAREST);
    return (picture) => {
      gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, gl.RGBA, gl.UNSIGNED_BYTE, picture);
      gl.drawArrays(gl.TRIANGLES, 0, 3);
    };
  }`,
  );

/** It says itself how long it is, and draws when it is asked: what `framewire.render` has. */
export const TOLD = page(
  `<canvas id="bars" width="${WIDTH}" height="${HEIGHT}"></canvas>`,
  `const { render } = window.framewire;
  const paint = document.getElementById("bars").getContext("2d");
  let offset = 0;
  render.fps = 25;
  render.duration = render.props.seconds ?? 0.4;
  render.ready = new Promise((resolve) => setTimeout(() => { offset = render.props.from ?? 100; resolve(); }, 300));
  render.onFrame = async ({ frame }) => { await null; drawBars(paint, offset + frame); };`,
);

/** White for one frame at each whole second, else black: what a click is heard with. */
export const FLASHES = page(
  "<style>body { background: #000 }</style>",
  `requestAnimationFrame(function draw(now) {
    document.body.style.background = now % 1000 < 900 / ${FPS} ? "#fff" : "#000";
    requestAnimationFrame(draw);
  });`,
);

/** A page of its own colour for each of 8 swatches, half transparent. @param {number[][]} colours @param {number} alpha */
export const swatches = (colours, alpha) => `<!doctype html><style>
body { margin: 0; display: grid; grid-template: repeat(2, ${HEIGHT / 2}px) / repeat(4, ${WIDTH / 4}px) }</style>
${colours.map((c) => `<div style="background: rgb(${c.join(" ")} / ${alpha})"></div>`).join("")}`;

/** @param {string} folder @param {Record<string, string>} pages */
export async function writePages(folder, pages) {
  for (const [name, text] of Object.entries(pages)) writeFileSync(join(folder, name), text);
  writeFileSync(join(folder, "data.json"), '{ "value": 7 }');
  const source = ["-f", "lavfi", "-i", "testsrc=s=80x60:r=25:d=3", "-c:v", "libvpx", "-g", "25"];
  const { stderr } = await run("ffmpeg", [
    "-v",
    "error",
    "-y",
    ...source,
    join(folder, "clip.webm"),
  ]);
  if (stderr) throw new Error(stderr);
}
