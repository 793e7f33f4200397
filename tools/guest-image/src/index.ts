export { guestImage, type GuestImageOptions } from './guest-image.js';
export type { GuestImage, ImageFile } from './manifest.js';
