/** The look of `<framewire-player>`. A page may set --framewire-accent and style its parts. */
export const STYLE = `
:host { display: block; background: #0b0d10; color: #f4f5f6; border-radius: 10px; overflow: hidden;
  font: 16px/1.45 system-ui, sans-serif; }
:host(:fullscreen) { border-radius: 0; display: flex; flex-direction: column; }
:host(:focus-visible) { outline: 3px solid var(--framewire-accent, #3b82f6); outline-offset: 3px; }
:host([controls="no"]) .bar { display: none; }
[hidden] { display: none !important; }
.stage { position: relative; aspect-ratio: 16 / 9; max-height: 78vh; width: 100%; overflow: hidden; }
:host(:fullscreen) .stage { flex: 1; aspect-ratio: auto; max-height: none; min-height: 0; }
video { position: absolute; inset: 0; width: 100%; height: 100%; object-fit: contain; display: block; }
.cover { position: absolute; inset: 0; display: flex; flex-direction: column; align-items: center;
  justify-content: center; gap: 6px; padding: 16px; text-align: center; background: #0b0d10; }
.cover[data-over="true"] { background: rgb(11 13 16 / 0.72); }
.title { font-size: 1.25rem; font-weight: 600; }
.text { color: #c3c8ce; max-width: 34em; }
.text:empty { display: none; }
button { font: inherit; font-size: 0.9375rem; color: inherit; background: #262b31; border: 1px solid #434a53;
  border-radius: 7px; padding: 6px 12px; min-height: 36px; cursor: pointer; }
button:hover { background: #343b43; }
button:focus-visible { outline: 3px solid var(--framewire-accent, #6ea8fe); outline-offset: 2px; }
.cover button { margin-top: 10px; }
.unmute { position: absolute; left: 50%; bottom: 16px; transform: translateX(-50%); background: #f4f5f6;
  color: #14171a; border-color: #f4f5f6; font-weight: 600; }
.unmute:hover { background: #dfe2e5; }
.bar { display: flex; flex-wrap: wrap; align-items: center; gap: 8px; padding: 8px 10px; background: #14171a; }
.facts { margin-left: auto; color: #c3c8ce; font-size: 0.9375rem; font-variant-numeric: tabular-nums; }
`;
