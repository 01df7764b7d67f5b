/** The look of `<framewire-player>`. A page may set --framewire-accent and style its parts. @type {string} */
export const STYLE = `
:host { display: block; position: relative; background: #0b0d10; color: #f4f5f6; border-radius: 14px;
  overflow: hidden; font: 16px/1.45 system-ui, sans-serif; color-scheme: dark; }
:host(:fullscreen) { border-radius: 0; display: flex; flex-direction: column; }
:host(:focus-visible) { outline: 3px solid var(--framewire-accent, #3b82f6); outline-offset: 3px; }
:host([controls="no"]) .bar { display: none; }
:host([fill]) { border-radius: 0; display: flex; flex-direction: column; height: 100%; }
*, *::before { box-sizing: border-box; }
[hidden] { display: none !important; }
.stage { position: relative; aspect-ratio: 16 / 9; max-height: 78vh; width: 100%; overflow: hidden; }
:host(:fullscreen) .stage, :host([fill]) .stage { flex: 1; aspect-ratio: auto; max-height: none; min-height: 0; }
video { position: absolute; inset: 0; width: 100%; height: 100%; object-fit: contain; display: block; }

.cover { position: absolute; inset: 0; display: flex; flex-direction: column; align-items: center;
  justify-content: center; gap: 6px; padding: 16px; text-align: center; background: #0b0d10; }
.cover[data-over="true"] { background: rgb(11 13 16 / 0.78); }
.cover[data-busy="true"]::before { content: ""; width: 26px; height: 26px; margin-bottom: 8px;
  border: 3px solid #4b545f; border-top-color: #f4f5f6; border-radius: 50%; }
.sound, .raw { position: absolute; inset: 0; display: flex; flex-direction: column; align-items: center;
  justify-content: center; gap: 8px; padding: 16px; text-align: center; background: #0b0d10; }
.sound canvas { width: min(420px, 80%); height: 40%; }
.newest { font: 0.8125rem/1.5 ui-monospace, monospace; color: #c3c8ce; max-width: 100%; overflow-wrap: anywhere; }
.links { display: flex; flex-wrap: wrap; justify-content: center; gap: 4px 20px; }
.links a { color: #9cc4ff; padding: 8px 0; }
.links a:focus-visible { outline: 3px solid var(--framewire-accent, #6ea8fe); outline-offset: 2px; }
.title { font-size: 1.25rem; font-weight: 600; line-height: 1.3; }
.text { color: #c3c8ce; max-width: 34em; }
.text:empty { display: none; }

button { display: inline-flex; align-items: center; justify-content: center; gap: 8px; font: inherit;
  font-size: 0.9375rem; color: inherit; background: none; border: 1px solid transparent; border-radius: 9px;
  min-height: 40px; min-width: 40px; padding: 6px 9px; cursor: pointer; }
button:hover { background: #2a3037; }
button:disabled { opacity: 0.4; background: none; cursor: default; }
button[aria-pressed="true"] { background: #2a3037; }
button:focus-visible, input:focus-visible { outline: 3px solid var(--framewire-accent, #6ea8fe); outline-offset: 1px; }
.again { margin-top: 12px; padding: 6px 16px; background: #262b31; border-color: #6b7580; font-weight: 600; }
.unmute { position: absolute; left: 50%; bottom: 16px; transform: translateX(-50%); padding: 6px 16px;
  background: #f4f5f6; color: #14171a; font-weight: 600; white-space: nowrap; }
.unmute:hover { background: #dfe2e5; }
.big { position: absolute; inset: 0; margin: auto; width: 76px; height: 76px; border-radius: 50%;
  background: rgb(11 13 16 / 0.72); border-color: #f4f5f6; }
.big:hover { background: #0b0d10; }
.big .icon { width: 34px; height: 34px; }

.bar { display: flex; align-items: center; gap: 2px; padding: 6px 8px; background: #14171a; min-height: 52px; }
.volume { width: 92px; margin: 0 8px 0 2px; accent-color: #f4f5f6; cursor: pointer; }
.facts { display: flex; flex-wrap: wrap; justify-content: flex-end; gap: 0 14px; flex: 1; min-width: 0;
  padding: 0 8px; color: #c3c8ce; font-size: 0.875rem; font-variant-numeric: tabular-nums; }
.facts span { display: inline-flex; align-items: center; gap: 6px; white-space: nowrap; }
.facts .icon { width: 17px; height: 17px; }
:host(:fullscreen) .bar { position: absolute; left: 0; right: 0; bottom: 0; background: rgb(11 13 16 / 0.82); }
:host(:fullscreen[data-idle]) { cursor: none; }
:host(:fullscreen[data-idle]) .bar { opacity: 0; }

.stats { position: absolute; left: 12px; top: 12px; max-width: calc(100% - 24px); max-height: calc(100% - 24px);
  overflow: auto; padding: 10px 14px; background: rgb(11 13 16 / 0.84); border-radius: 10px;
  font-size: 0.8125rem; line-height: 1.5; }
.stats dl { display: grid; grid-template-columns: auto auto; gap: 2px 16px; margin: 0; }
.stats dt { color: #c3c8ce; }
.stats dd { margin: 0; font-variant-numeric: tabular-nums; }
.bar, .stage { container-type: inline-size; }
@container (max-width: 560px) {
  .volume { display: none; }
  .facts { padding: 0 4px; }
  .stats { font-size: 0.6875rem; line-height: 1.35; padding: 6px 10px; left: 6px; top: 6px;
    max-width: calc(100% - 12px); max-height: calc(100% - 12px); }
}
@container (max-width: 340px) {
  .facts { visibility: hidden; width: 0; padding: 0; }
  .bar button { min-width: 34px; padding: 6px 5px; }
  .title { font-size: 1rem; }
  .text { font-size: 0.8125rem; }
  .cover, .sound, .raw { padding: 6px; }
  .cover[data-busy="true"]::before { width: 18px; height: 18px; margin-bottom: 2px; }
  .big { width: 48px; height: 48px; }
  .unmute { font-size: 0.8125rem; bottom: 8px; min-height: 34px; }
}
@supports not (container-type: inline-size) {
  @media (max-width: 560px) {
    .volume { display: none; }
    .facts { padding: 0 4px; }
  }
}
@media (prefers-reduced-motion: no-preference) {
  .cover[data-busy="true"]::before { animation: turn 1.1s linear infinite; }
  .bar { transition: opacity 0.2s; }
  @keyframes turn { to { transform: rotate(1turn); } }
}
`;
