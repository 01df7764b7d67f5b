/**
 * The SDK without its element: what the npm package `framewire` is. The server's `/framewire.js` has both.
 *
 * @typedef {import("./errors.js").ErrorCode} ErrorCode
 * @typedef {import("./moderator.js").Ban} Ban
 * @typedef {import("./moderator.js").BanOptions} BanOptions
 * @typedef {import("./moderator.js").ChatState} ChatState
 * @typedef {import("./moderator.js").ModerateOptions} ModerateOptions
 * @typedef {import("./moderator.js").Person} Person
 * @typedef {import("./moderator.js").Rights} Rights
 * @typedef {import("./play.js").PlayOptions} PlayOptions
 * @typedef {import("./play.js").PlayState} PlayState
 * @typedef {import("./play.js").PlayerEvents} PlayerEvents
 * @typedef {import("./publish.js").PublicationEvents} PublicationEvents
 * @typedef {import("./publish.js").PublishOptions} PublishOptions
 * @typedef {import("./publish.js").PublishState} PublishState
 * @typedef {import("./record_types.js").CanvasRecorderEvents} CanvasRecorderEvents
 * @typedef {import("./record_types.js").RecordCanvasOptions} RecordCanvasOptions
 * @typedef {import("./record_types.js").RecordedCanvas} RecordedCanvas
 * @typedef {import("./record_types.js").RecordProgress} RecordProgress
 * @typedef {import("./side_channel.js").Muting} Muting
 * @typedef {import("./side_channel.js").SendOptions} SendOptions
 * @typedef {import("./side_channel.js").SideMessage} SideMessage
 * @typedef {import("./picture_sources.js").PictureSource} PictureSource
 * @typedef {import("./sources.js").PublishSource} PublishSource
 * @typedef {import("./subscribe.js").StreamMessage} StreamMessage
 * @typedef {import("./subscribe.js").SubscribeOptions} SubscribeOptions
 * @typedef {import("./subscribe.js").SubscriptionEvents} SubscriptionEvents
 */
export { framewire } from "./at_server.js";
export { FramewireError } from "./errors.js";
export { MessagePublication } from "./message_publication.js";
export { Moderator, moderate } from "./moderator.js";
export { packetsHeader, packetsPacket, readPackets } from "./packets.js";
export { PicturePublication } from "./picture_publication.js";
export { Player, play } from "./play.js";
export { Publication, publish } from "./publish.js";
export { CanvasRecorder, recordCanvas } from "./record_canvas.js";
export { Subscription, subscribe } from "./subscribe.js";
export { locate } from "./urls.js";

export const version = "0.1.0";
