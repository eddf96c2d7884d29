// Robot, seam and path in 3D on a canvas: an orbit camera, lines sorted by depth. Metres, z up, base_link.
'use strict';

class Scene {
  constructor(canvas) {
    this.canvas = canvas;
    this.parts = { robot: [], tool: false, path: [], tool_path: [], points: [] };
    this.home();
    this.pointers = new Map();
    canvas.addEventListener('pointerdown', (event) => { canvas.setPointerCapture(event.pointerId); this.pointers.set(event.pointerId, event); });
    canvas.addEventListener('pointermove', (event) => this.drag(event));
    for (const end of ['pointerup', 'pointercancel']) canvas.addEventListener(end, (event) => this.pointers.delete(event.pointerId));
    canvas.addEventListener('wheel', (event) => { event.preventDefault(); this.zoom(Math.exp(event.deltaY / 600)); }, { passive: false });
    new ResizeObserver(() => this.soon()).observe(canvas);
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.soon());
  }

  home() {
    this.turn = -2.2; this.tilt = 0.45; this.away = 2.5; this.target = [0.5, 0, 0.4];
    this.soon();
  }

  look(points) {
    const low = [0, 1, 2].map((k) => Math.min(...points.map((p) => p[k])));
    const high = [0, 1, 2].map((k) => Math.max(...points.map((p) => p[k])));
    this.target = low.map((value, k) => (value + high[k]) / 2);
    this.away = Math.max(0.25, 1.9 * Math.hypot(...low.map((value, k) => high[k] - value)));
    this.soon();
  }

  drag(event) {
    const before = this.pointers.get(event.pointerId);
    if (!before) return;
    const others = [...this.pointers.values()].filter((other) => other.pointerId !== event.pointerId);
    if (others.length) {
      const span = (one) => Math.hypot(one.clientX - others[0].clientX, one.clientY - others[0].clientY);
      this.zoom(Math.max(span(before), 1) / Math.max(span(event), 1));
    } else {
      this.turn -= (event.clientX - before.clientX) / 150;
      this.tilt = Math.min(1.5, Math.max(-0.3, this.tilt + (event.clientY - before.clientY) / 150));
    }
    this.pointers.set(event.pointerId, event);
    this.soon();
  }

  zoom(factor) { this.away = Math.min(12, Math.max(0.15, this.away * factor)); this.soon(); }

  set(parts) { Object.assign(this.parts, parts); this.soon(); }

  soon() {
    if (!this.waits) { this.waits = true; requestAnimationFrame(() => { this.waits = false; this.draw(); }); }
  }

  draw() {
    const ratio = window.devicePixelRatio || 1;
    const width = this.canvas.clientWidth, height = this.canvas.clientHeight;
    if (!width) return;
    if (this.canvas.width !== Math.round(width * ratio)) this.canvas.width = Math.round(width * ratio);
    if (this.canvas.height !== Math.round(height * ratio)) this.canvas.height = Math.round(height * ratio);
    const context = this.canvas.getContext('2d');
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, height);
    const style = getComputedStyle(document.documentElement);
    const colour = (name) => style.getPropertyValue(`--${name}`).trim();
    const lines = [...this.grid(colour('grid')), ...this.robot(colour('robot'), colour('path'))];
    lines.push(...chain(this.parts.tool_path, colour('path'), 2.5), ...chain(this.parts.path, colour('seam'), 5));
    for (const point of this.parts.points) lines.push({ ends: [point, point], colour: colour('points'), px: 5 });
    const seen = lines.map((line) => ({ ...line, at: line.ends.map((end) => this.project(end, width, height)) }));
    seen.sort((a, b) => b.at[0].depth + b.at[1].depth - a.at[0].depth - a.at[1].depth);
    context.lineCap = 'round';
    for (const { at, colour: stroke, px, m } of seen) {
      if (at.some((end) => end.depth < 0.05)) continue;
      context.strokeStyle = stroke;
      context.lineWidth = m ? Math.min(Math.max(2, m * at[0].scale), 18) : px;
      context.beginPath(); context.moveTo(at[0].x, at[0].y); context.lineTo(at[1].x, at[1].y); context.stroke();
    }
  }

  grid(colour) {
    const lines = [], steps = [-1, -0.75, -0.5, -0.25, 0, 0.25, 0.5, 0.75, 1];
    for (const step of steps) {
      lines.push({ ends: [[step + 0.5, -1, 0], [step + 0.5, 1, 0]], colour, px: 1 });
      lines.push({ ends: [[-0.5, step, 0], [1.5, step, 0]], colour, px: 1 });
    }
    return lines;
  }

  robot(colour, tip) {
    const places = this.parts.robot, lines = [];
    for (let k = 0; k + 1 < places.length; k++) {
      const tool = this.parts.tool && k + 2 === places.length;
      lines.push({ ends: [places[k], places[k + 1]], colour: tool ? tip : colour, m: tool ? 0.014 : 0.09 - 0.008 * k });
    }
    return lines;
  }

  project(point, width, height) {
    const [x, y, z] = point.map((value, k) => value - this.target[k]);
    const turned = Math.cos(this.turn) * x + Math.sin(this.turn) * y;
    const side = -Math.sin(this.turn) * x + Math.cos(this.turn) * y;
    const up = Math.cos(this.tilt) * z - Math.sin(this.tilt) * turned;
    const depth = this.away - Math.cos(this.tilt) * turned - Math.sin(this.tilt) * z;
    const scale = 1.1 * Math.min(width, height) / Math.max(depth, 0.05);
    return { x: width / 2 + side * scale, y: height / 2 - up * scale, depth, scale };
  }
}

function chain(points, colour, px) {
  return points.slice(1).map((point, k) => ({ ends: [points[k], point], colour, px }));
}
