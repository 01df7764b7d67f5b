/// <reference path="./tag_names.d.ts" />
export * from "../types/elements/framewire-player.js";
