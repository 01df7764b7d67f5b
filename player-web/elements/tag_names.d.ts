/** What `document.createElement("framewire-player")` and `querySelector()` give. */
interface HTMLElementTagNameMap {
  "framewire-player": import("../types/elements/framewire-player.js").FramewirePlayer;
}

interface HTMLElementEventMap {
  playerchange: CustomEvent;
}
