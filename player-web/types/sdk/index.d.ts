export { framewire } from "./at_server.js";
export { FramewireError } from "./errors.js";
export { MessagePublication } from "./message_publication.js";
export { PicturePublication } from "./picture_publication.js";
export { locate } from "./urls.js";
export const version: "0.1.0";
/**
 * The SDK without its element: what the npm package `framewire` is. The server's `/framewire.js` has both.
 */
export type ErrorCode = import("./errors.js").ErrorCode;
/**
 * The SDK without its element: what the npm package `framewire` is. The server's `/framewire.js` has both.
 */
export type Ban = import("./moderator.js").Ban;
/**
 * The SDK without its element: what the npm package `framewire` is. The server's `/framewire.js` has both.
 */
export type BanOptions = import("./moderator.js").BanOptions;
/**
 * The SDK without its element: what the npm package `framewire` is. The server's `/framewire.js` has both.
 */
export type ChatState = import("./moderator.js").ChatState;
/**
 * The SDK without its element: what the npm package `framewire` is. The server's `/framewire.js` has both.
 */
export type ModerateOptions = import("./moderator.js").ModerateOptions;
/**
 * The SDK without its element: what the npm package `framewire` is. The server's `/framewire.js` has both.
 */
export type Person = import("./moderator.js").Person;
/**
 * The SDK without its element: what the npm package `framewire` is. The server's `/framewire.js` has both.
 */
export type Rights = import("./moderator.js").Rights;
/**
 * The SDK without its element: what the npm package `framewire` is. The server's `/framewire.js` has both.
 */
export type PlayOptions = import("./play.js").PlayOptions;
/**
 * The SDK without its element: what the npm package `framewire` is. The server's `/framewire.js` has both.
 */
export type PlayState = import("./play.js").PlayState;
/**
 * The SDK without its element: what the npm package `framewire` is. The server's `/framewire.js` has both.
 */
export type PlayerEvents = import("./play.js").PlayerEvents;
/**
 * The SDK without its element: what the npm package `framewire` is. The server's `/framewire.js` has both.
 */
export type PublicationEvents = import("./publish.js").PublicationEvents;
/**
 * The SDK without its element: what the npm package `framewire` is. The server's `/framewire.js` has both.
 */
export type PublishOptions = import("./publish.js").PublishOptions;
/**
 * The SDK without its element: what the npm package `framewire` is. The server's `/framewire.js` has both.
 */
export type PublishState = import("./publish.js").PublishState;
/**
 * The SDK without its element: what the npm package `framewire` is. The server's `/framewire.js` has both.
 */
export type CanvasRecorderEvents = import("./record_types.js").CanvasRecorderEvents;
/**
 * The SDK without its element: what the npm package `framewire` is. The server's `/framewire.js` has both.
 */
export type RecordCanvasOptions = import("./record_types.js").RecordCanvasOptions;
/**
 * The SDK without its element: what the npm package `framewire` is. The server's `/framewire.js` has both.
 */
export type RecordedCanvas = import("./record_types.js").RecordedCanvas;
/**
 * The SDK without its element: what the npm package `framewire` is. The server's `/framewire.js` has both.
 */
export type RecordProgress = import("./record_types.js").RecordProgress;
/**
 * The SDK without its element: what the npm package `framewire` is. The server's `/framewire.js` has both.
 */
export type Muting = import("./side_channel.js").Muting;
/**
 * The SDK without its element: what the npm package `framewire` is. The server's `/framewire.js` has both.
 */
export type SendOptions = import("./side_channel.js").SendOptions;
/**
 * The SDK without its element: what the npm package `framewire` is. The server's `/framewire.js` has both.
 */
export type SideMessage = import("./side_channel.js").SideMessage;
/**
 * The SDK without its element: what the npm package `framewire` is. The server's `/framewire.js` has both.
 */
export type PictureSource = import("./picture_sources.js").PictureSource;
/**
 * The SDK without its element: what the npm package `framewire` is. The server's `/framewire.js` has both.
 */
export type PublishSource = import("./sources.js").PublishSource;
/**
 * The SDK without its element: what the npm package `framewire` is. The server's `/framewire.js` has both.
 */
export type StreamMessage = import("./subscribe.js").StreamMessage;
/**
 * The SDK without its element: what the npm package `framewire` is. The server's `/framewire.js` has both.
 */
export type SubscribeOptions = import("./subscribe.js").SubscribeOptions;
/**
 * The SDK without its element: what the npm package `framewire` is. The server's `/framewire.js` has both.
 */
export type SubscriptionEvents = import("./subscribe.js").SubscriptionEvents;
export { Moderator, moderate } from "./moderator.js";
export { packetsHeader, packetsPacket, readPackets } from "./packets.js";
export { Player, play } from "./play.js";
export { Publication, publish } from "./publish.js";
export { CanvasRecorder, recordCanvas } from "./record_canvas.js";
export { Subscription, subscribe } from "./subscribe.js";
