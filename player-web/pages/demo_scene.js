/**
 * The studio's demo: rings of light that turn once in ten seconds. A picture depends on its time alone, so a
 * film of it is the same however long the rendering takes.
 */
const RINGS = 7;
const DOTS = 26;
const TURN_S = 10;

/**
 * @param {CanvasRenderingContext2D} context
 * @param {number} seconds from the film's start
 */
export function drawScene(context, seconds) {
  const { width, height } = context.canvas;
  const sky = context.createLinearGradient(0, 0, 0, height);
  sky.addColorStop(0, "#101a33");
  sky.addColorStop(1, "#33205a");
  context.fillStyle = sky;
  context.fillRect(0, 0, width, height);
  const turn = (seconds / TURN_S) * 2 * Math.PI;
  for (let ring = 0; ring < RINGS; ring += 1) {
    const radius = height * (0.06 + 0.06 * ring);
    for (let dot = 0; dot < DOTS; dot += 1) {
      const angle = (dot / DOTS) * 2 * Math.PI + turn * (ring % 2 ? -1 : 1);
      const swell = 1 + 0.5 * Math.sin(3 * turn + ring + dot / 3);
      context.fillStyle = `hsl(${(ring * 40 + dot * 6 + 36 * seconds) % 360} 85% 62%)`;
      context.beginPath();
      const [x, y] = [Math.cos(angle) * radius * 1.5, Math.sin(angle) * radius];
      context.arc(width / 2 + x, height / 2 + y, height * 0.011 * swell, 0, 2 * Math.PI);
      context.fill();
    }
  }
}
